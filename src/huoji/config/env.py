"""Every setting an operator may choose: type, default, limit and one sentence each, read once from the environment."""

# ruff: noqa: RUF009  the declarations are calls that return a field, as dataclasses.field itself does
import contextlib
import difflib
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from huoji.config.setting import (
    SUBFOLDER,
    Network,
    Setting,
    address,
    endpoints,
    flag,
    folder,
    hosts,
    networks,
    number,
    one_of,
    subfolder,
    text,
    time_zone,
)

PREFIX = "HUOJI_"
LOOPBACK = ("127.", "::1")
SETTINGS_FILE = "huoji.env"
FOREIGN_PREFIXES = ("HUOJI_TEST_", "HUOJI_CONFORMANCE_")  # read by the tests, not by the installation


class SettingsError(ValueError):
    """One or more settings are wrong; the text names each of them."""


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class Env:
    """One line a setting: `web_port` is read from HUOJI_WEB_PORT. A new line appears in docs/reference/settings.md by `make docs`."""

    data_dir: Path = folder(".huoji", en="Everything Huoji keeps: database, blobs, keys, logs, backups.", zh="货迹保存一切的地方：数据库、附件、密钥、日志、备份。")
    database_url: str = address(schemes=("postgres", "postgresql"), secret=True, en="Your own PostgreSQL 15 or later, as role huoji_app; empty: the embedded one in the data folder.", zh="自备 PostgreSQL（15 以上）的地址，角色 huoji_app；留空则用数据目录里的内置数据库。")
    owner_database_url: str = address(schemes=("postgres", "postgresql"), secret=True, en="The same database as role huoji_owner, for migrations, retention and backup.", zh="同一数据库、角色 huoji_owner 的地址，用于迁移、清理与备份。")
    secret_key: str = text("", pattern=r"|.{40,}", limit="40 or more characters", secret=True, en="Signs sessions and tokens; empty: made once in the data folder. Set it when several machines serve one installation.", zh="为会话和令牌签名；留空则在数据目录里生成一次。多台机器共用一套系统时须设置。")
    bind: str = text("127.0.0.1", pattern=r"[0-9a-fA-F.:]+", limit="an IP address", en="The address on which web and live listen; put a proxy with TLS before it.", zh="网页与实时推送监听的地址；对外服务时前面应有带 TLS 的代理。")
    web_port: int = number(8000, at_least=1, at_most=65535, en="Port of the pages and the API.", zh="网页与接口的端口。")
    live_port: int = number(8001, at_least=1, at_most=65535, en="Port of the live stream (Server-Sent Events).", zh="实时推送（SSE）的端口。")
    web_workers: int = number(2, at_least=1, at_most=64, en="Web processes; about one for each core.", zh="网页进程数，约等于 CPU 核数。")
    web_threads: int = number(2, at_least=1, at_most=64, en="Threads of each web process; more of them rarely help.", zh="每个网页进程的线程数，多了通常无益。")
    public_url: str = address(schemes=("http", "https"), secret=False, en="The address customers type, such as https://track.example.com; https turns on secure cookies.", zh="客户访问的网址，如 https://track.example.com；用 https 时启用安全 Cookie。")
    live_url: str = address(schemes=("http", "https"), secret=False, en="Where pages find the live stream, such as https://track.example.com/live/; empty: HUOJI_LIVE_PORT of the page's host.", zh="网页访问实时推送的网址，如 https://track.example.com/live/；留空则用页面所在主机的 HUOJI_LIVE_PORT 端口。")
    allowed_hosts: tuple[str, ...] = hosts("localhost,127.0.0.1,[::1]", en="Host names under which Huoji answers; that of HUOJI_PUBLIC_URL is added.", zh="允许访问的主机名；HUOJI_PUBLIC_URL 的主机名自动加入。")
    trusted_proxies: tuple[Network, ...] = networks("", en="Proxies whose X-Forwarded-For is believed.", zh="可信代理的网段，只相信它们给出的 X-Forwarded-For。")
    time_zone: str = time_zone("Asia/Shanghai", en="Zone of the carrier: working days, reports, and times given without an offset.", zh="承运企业所在时区：工作日、报表，以及没有时区的时间。")
    waybill_prefix: str = text("HJ", pattern=r"[A-Z]{2,4}", limit="2–4 capital letters", en="Letters before our own waybill numbers.", zh="本企业运单号的字母前缀。")
    stall_road_hours: int = number(48, at_least=1, at_most=8760, en="Hours without news after which a road waybill counts as stalled.", zh="公路运单多少小时没有消息算停滞。")
    stall_express_hours: int = number(72, at_least=1, at_most=8760, en="Hours without news after which an express parcel counts as stalled.", zh="快件多少小时没有消息算停滞。")
    stall_ocean_hours: int = number(240, at_least=1, at_most=8760, en="Hours without news after which an ocean shipment counts as stalled.", zh="海运货物多少小时没有消息算停滞。")
    last4_tries: int = number(5, at_least=1, at_most=100, en="Wrong last-4 tries a day, per waybill and per client, before the extra detail is locked.", zh="手机尾号每天可输错的次数（按运单、按访客分别计数），超过后当天不再显示更多信息。")
    storage_dwell_hours: int = number(72, at_least=1, at_most=8760, en="Hours in a warehouse after which goods count as there for too long.", zh="货物在库超过多少小时算超期。")
    storage_task_hours: int = number(24, at_least=1, at_most=720, en="Hours within which the warehouse must have looked into damaged, missing or lost goods.", zh="仓库须在多少小时内查明货损、短少或丢失。")
    keep_parties_days: int = number(365, at_least=30, at_most=36500, en="Days after its last event that an ended shipment keeps names, phones and addresses.", zh="运单结束后，姓名、电话和地址保留的天数。")
    keep_events_days: int = number(1186, at_least=365, at_most=36500, en="Days that shipments and their events are kept; whole months leave at once. The default is three years and three months.", zh="运单及其轨迹保留的天数，按整月清理；默认三年零三个月。")
    keep_positions_days: int = number(186, at_least=7, at_most=1095, en="Days that tracks and sensor readings are kept; whole days leave at once.", zh="车船轨迹与传感器读数保留的天数，按整天清理。")
    http_admission: str = one_of("known", choices=("known", "pending", "open"), en="What becomes of a device that nobody has added when it reports positions by the API: known refuses it, pending lists it for a person to admit, open admits it.", zh="未登记的设备经接口上报位置时如何处理：known 为拒绝；pending 为列入待准入；open 为自动准入。")
    jt808_port: int = number(6808, at_least=1, at_most=65535, en="Port on which the gateway listens for JT/T 808 terminals.", zh="JT/T 808 终端接入的端口。")
    gateways: str = text("jt808,ais,mqtt", pattern=r"none|(jt808|ais|mqtt)(,(jt808|ais|mqtt)){0,2}", limit="none, or jt808, ais, mqtt with commas between", en="Gateways that `huoji up` runs, mqtt only where a broker is named; none: no gateway.", zh="`huoji up` 启动的网关，其中 mqtt 须设置代理地址；none 则不启动任何网关。")
    gateway_bind: str = text("127.0.0.1", pattern=r"[0-9a-fA-F.:]+", limit="an IP address", en="The address on which gateways listen; 0.0.0.0 lets terminals in from outside, and a firewall should say which.", zh="网关监听的地址；0.0.0.0 允许外部终端接入，应由防火墙限定来源。")
    jt808_workers: int = number(1, at_least=1, at_most=16, en="Gateway processes that share the port of JT/T 808 terminals; one takes some ten thousand positions a second.", zh="共用 JT/T 808 端口的网关进程数；一个进程每秒约可接收一万个位置。")
    jt808_admission: str = one_of("known", choices=("known", "pending"), en="What becomes of a terminal that nobody has added: known refuses it, pending lists it for a person to admit and refuses its data until then.", zh="未登记的终端注册时如何处理：known 为拒绝；pending 为列入待准入，由人准入之前不接收其数据。")
    jt808_idle_s: int = number(600, at_least=30, at_most=86_400, en="Seconds of silence after which a connection of terminals is closed.", zh="终端连接多少秒没有数据就断开。")
    jt808_connections: int = number(20_000, at_least=10, at_most=200_000, en="Connections of terminals that one gateway process holds.", zh="一个网关进程最多保持的终端连接数。")
    jt808_connections_peer: int = number(2_000, at_least=1, at_most=200_000, en="Connections from one address, beyond which further ones are closed; terminals of one operator often share one.", zh="同一地址最多的连接数，超出的会被关闭；同一运营商的终端常共用一个地址。")
    terminal_silent_min: int = number(30, at_least=1, at_most=10_080, en="Minutes of silence after which a terminal that was heard raises the alarm offline.", zh="曾上报的终端多少分钟没有消息就报离线。")
    ais_port: int = number(10110, at_least=1, at_most=65535, en="Port, UDP and TCP, on which the gateway listens for AIS sentences.", zh="AIS 报文接入的端口（UDP 与 TCP）。")
    ais_connect: tuple[tuple[str, int], ...] = endpoints("", en="AIS feeds that the gateway connects to by TCP.", zh="网关主动连接的 AIS 数据源（TCP）。")
    ais_keep: str = one_of("own", choices=("own", "all"), en="Whose AIS positions are kept: those of our own vessels, or all that are heard.", zh="保留哪些船舶的 AIS 位置：own 只保留本企业登记的船舶，all 全部保留。")
    nats_url: str = address(schemes=("nats", "tls"), secret=True, en="NATS servers, when gateways (terminals, AIS, MQTT) shall hand over through JetStream instead of writing themselves.", zh="NATS 服务器地址；设置后网关（终端、AIS、MQTT）经 JetStream 转交，而不直接入库。")
    nats_writers: int = number(1, at_least=1, at_most=16, en="Processes that store what gateways handed over through NATS; they share its 16 partitions.", zh="把网关经 NATS 转交的数据入库的进程数，共同分担 16 个分区。")
    nats_store_gb: int = number(20, at_least=1, at_most=10_000, en="Size at which the stream in NATS is full: gateways then stop reading until writers catch up.", zh="NATS 流的容量上限（GB）；写满后网关暂停读取，直到入库进程跟上。")
    mqtt_url: str = address(schemes=("mqtt", "mqtts"), secret=True, en="The MQTT broker that sensors publish to; empty: none is listened to.", zh="传感器发布数据的 MQTT 代理地址；留空则不接收。")
    mqtt_topics: str = text("sensor/{device}/{metric},sensor/{device}", pattern=r"[^\s#]{1,400}", limit="topics, comma", en="Topics of sensors: {device} and {metric} name their levels, + is any level.", zh="传感器的主题：{device} 与 {metric} 为所在层级，+ 为任意层级。")
    mqtt_client: str = text("huoji", pattern=r"[A-Za-z0-9_-]{1,23}", limit="1 to 23 letters and digits", en="Client identifier at the MQTT broker, under which it keeps what comes while we are away; one for each installation.", zh="在 MQTT 代理上的客户端标识，代理按它保留离线期间的消息；各套系统须不同。")
    backup_at: str = text("03:30", pattern=r"off|([01]\d|2[0-3]):[0-5]\d", limit="HH:MM or off", en="Time of the daily backup, in the carrier's zone.", zh="每日备份的时刻（企业时区），off 为不自动备份。")
    backup_keep: int = number(14, at_least=1, at_most=3650, en="How many daily backups are kept.", zh="保留的每日备份份数。")
    backup_folder: Path = subfolder("backups", en="Where backups go; better on another disk.", zh="备份存放的目录，最好放在另一块磁盘。")
    blob_bucket: str = text("", pattern=r"|[a-z0-9.-]{3,63}", limit="a bucket name", en="S3 bucket for attachments instead of the data folder (pip install huoji[s3]; keys and address through the usual AWS_* variables).", zh="用 S3 存储桶代替数据目录保存附件（pip install huoji[s3]；密钥和地址用通常的 AWS_* 变量）。")
    log_level: str = one_of("INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"), en="From which level on the logs are written.", zh="日志级别。")
    source_silent_hours: int = number(24, at_least=1, at_most=720, en="Hours of silence after which a source that used to send raises the alarm.", zh="惯常发送数据的来源多少小时没有消息就报警。")
    slow_query_ms: int = number(200, at_least=1, at_most=600_000, en="Statements slower than this are logged, without their values (milliseconds).", zh="慢于此值（毫秒）的数据库语句会写入日志，不含参数值。")
    map_tiles_url: str = text("", pattern=r"|https?://[^\s\"'<>;,]{1,300}", limit="a URL with {z}, {x} and {y}", en="Tiles of a base map for the dispatch map, with {z}, {x}, {y} and perhaps {s}; empty: land drawn by us, with no request to anybody. You need the licence of the provider.", zh="调度地图底图瓦片的网址，含 {z}、{x}、{y}，可含 {s}；留空则自绘陆地，不向外请求。须取得底图提供方的授权。")
    map_datum: str = one_of("wgs84", choices=("wgs84", "gcj02"), en="The datum of those tiles: gcj02 for maps of mainland China such as AMap's; positions are shifted for display only, and only there.", zh="底图的坐标系：高德等大陆地图为 gcj02；只在显示时、只在大陆范围内转换坐标。")
    map_credit: str = text("", pattern=r"[^<>]{0,120}", limit="at most 120 characters", en="What the provider of the tiles wants to be shown, such as a review number (审图号).", zh="底图提供方要求显示的文字，如审图号。")
    kuaidi100_key: str = text("", pattern=r"[\x21-\x7e]{0,100}", limit="at most 100 visible characters", en="The key under which 快递100 asks us as a carrier; empty: it is not answered.", zh="快递100 以承运商接口查询本企业时使用的 key；留空则不应答。")
    kuaidi100_secret: str = text("", pattern=r"|[\x21-\x7e]{8,100}", limit="8 to 100 visible characters", secret=True, en="The secret with which 快递100 signs its questions (MD5 of key, number and secret).", zh="快递100 查询时的签名密钥（sign = MD5(key+num+secret)）。")
    metrics_token: str = text("", pattern=r"|[\x21-\x7e]{16,}", limit="16 or more visible characters", secret=True, en="Bearer token for /metrics and the details of /healthz; empty: loopback only.", zh="读取 /metrics 与 /healthz 详情的令牌；留空则仅限本机访问。")
    debug: bool = flag(en="Shows errors in full and reloads templates; never on a public address.", zh="显示完整错误信息并重新载入模板；切勿用于公网。")
    # fmt: on

    @property
    def is_open(self) -> bool:
        """Whether others than this machine can reach the pages."""
        return not self.bind.startswith(LOOPBACK) or bool(self.public_url)


def table() -> Iterator[tuple[str, str, Setting[object]]]:
    """Yield attribute, environment name and description of every setting, in the order of the page."""
    for each in fields(Env):
        yield each.name, PREFIX + each.name.upper(), each.metadata["setting"]


def read(environ: Mapping[str, str]) -> Env:
    """Parse all settings, or raise one SettingsError that names every mistake."""
    values: dict[str, Any] = {}
    mistakes = []
    for attribute, name, setting in table():
        given = environ.get(name, "").strip() or setting.default
        try:
            values[attribute] = setting.parse(given)
        except ValueError as wrong:
            shown = "(hidden)" if setting.secret else repr(given)
            mistakes.append(f"{name}={shown}: {wrong}")
    known = [name for _, name, _ in table()]
    for name in environ:
        if name.startswith(PREFIX) and name not in known and not name.startswith(FOREIGN_PREFIXES):
            near = difflib.get_close_matches(name, known, n=1)
            mistakes.append(f"{name}: no such setting{f'; did you mean {near[0]}?' if near else ''}")
    if values.get("owner_database_url") and not values.get("database_url"):
        mistakes.append("HUOJI_OWNER_DATABASE_URL: set HUOJI_DATABASE_URL too, or neither")
    if values.get("web_port") == values.get("live_port") and "web_port" in values:
        mistakes.append("HUOJI_LIVE_PORT: must differ from HUOJI_WEB_PORT")
    if mistakes:
        raise SettingsError("\n".join(mistakes))
    for attribute, _, setting in table():
        if setting.kind == SUBFOLDER:
            values[attribute] = values["data_dir"] / values[attribute]
    return Env(**values)


@cache
def load() -> Env:
    """Read the environment, and below it the file huoji.env of the data folder."""
    first = Path(os.environ.get("HUOJI_DATA_DIR") or ".huoji").expanduser()
    return read({**_settings_file(first / SETTINGS_FILE), **os.environ})


def _settings_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}


def secret_key(env: Env) -> str:
    """Return the signing key, made once in the data folder unless the operator set one."""
    if env.secret_key:
        return env.secret_key
    env.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = env.data_dir / "secret.key"
    if not path.exists():
        draft = path.with_name(f"secret.key.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):  # the first of several starting processes wins
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text()
