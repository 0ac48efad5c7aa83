"""What a gateway of terminals bears: each limit has a name, and says what happens beyond it."""

FIRST_FRAME_S = 30  # a connection that brought no frame by then is closed
SIGN_IN_S = 120  # and one on which no terminal has signed in
NOISE_FIRST_BYTES = 4_096  # before the first whole frame
NOISE_BYTES = 65_536  # ever, besides a tenth of all that came
FAILED_SIGN_INS = 5  # on a connection whose terminals are all strangers
TERMINALS_OF_CONNECTION = 20_000  # a forwarding platform's
HELD_FRAMES = 64  # of a terminal whose authentication is being looked up

BATCH_POINTS = 4_000  # of one commit
BATCH_WAIT_S = 0.02  # that a point waits for others
QUEUE_POINTS = 20_000  # waiting for the database: beyond it connections are not read
QUEUE_LOW_POINTS = 8_000  # below it they are read again
UNACKNOWLEDGED = 2_000  # messages of one connection: beyond it that one is not read
DESK_WAITING = 500  # sign-ins, reports and pictures that wait: beyond it connections are not read

RETRY_S = 1.0  # between two tries to listen for commands
SWEEP_S = 5.0  # between two looks at idle connections, missing sub-packages and states of terminals
POLL_S = 5.0  # between two looks for commands, besides being told
DRAIN_S = 15.0  # to finish what was received when told to stop
PART_BYTES = 268_435_456  # of messages in pieces, of all connections together: beyond it further pieces are not kept
PICTURE_BYTES = 67_108_864  # of whole pictures that wait to be stored: beyond it connections are not read
UNKNOWN_IDS = 200  # that are counted each by itself
WRITE_BUFFER_BYTES = 262_144  # of answers that a terminal does not read: beyond it the connection is closed
