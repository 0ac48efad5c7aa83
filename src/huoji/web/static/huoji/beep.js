// One sound a scan: good, odd (taken, but look), bad (not taken).
let hjSound = null;
globalThis.hjBeep = (kind) => {
  "use strict";
  const [tone, long] = { good: [1200, 0.08], odd: [600, 0.25], bad: [220, 0.5] }[kind];
  try {
    hjSound ??= new AudioContext();
    const voice = hjSound.createOscillator();
    voice.frequency.value = tone;
    voice.connect(hjSound.destination);
    voice.start();
    voice.stop(hjSound.currentTime + long);
  } catch { /* a device without sound still scans */ }
  if (kind !== "good") navigator.vibrate?.(200);
};
