// The search field: Enter asks (Shift+Enter makes a line), and the phone's camera reads a barcode into it, with the
// browser's own detector or else zxing, loaded on demand.
(() => {
  "use strict";
  const form = document.querySelector("[data-ask]");
  if (!form) return;
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.target.tagName !== "TEXTAREA") return;
    event.preventDefault();
    form.requestSubmit();
  });
  const start = form.querySelector("[data-scan]");
  if (!navigator.mediaDevices) { start.remove(); return; }
  const box = form.querySelector("[data-scanner]");
  const video = box.querySelector("video");
  const status = box.querySelector("[data-scan-status]");
  const prompt = status.textContent;
  const field = form.querySelector("textarea");
  let halt = () => {};

  const found = (text) => {
    halt();
    box.hidden = true;
    field.value = field.value.trim() ? `${field.value.trim()}\n${text}` : text;
    form.requestSubmit();
  };
  const load = (source) => new Promise((done, fail) => {
    const script = Object.assign(document.createElement("script"), { src: source, onload: done, onerror: fail });
    document.head.append(script);
  });

  const native = async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    video.srcObject = stream;
    await video.play();
    const detector = new BarcodeDetector({ formats: ["code_128", "code_39", "qr_code", "data_matrix", "ean_13", "itf"] });
    const timer = setInterval(async () => {
      const codes = await detector.detect(video).catch(() => []);
      if (codes.length) found(codes[0].rawValue);
    }, 250);
    halt = () => { clearInterval(timer); stream.getTracks().forEach((track) => track.stop()); };
  };
  const bundled = async () => {
    if (!window.ZXingBrowser) await load(box.dataset.script);
    const reader = new ZXingBrowser.BrowserMultiFormatReader();
    const controls = await reader.decodeFromConstraints({ video: { facingMode: "environment" } }, video, (result) => {
      if (result) found(result.getText());
    });
    halt = () => controls.stop();
  };

  start.addEventListener("click", async () => {
    box.hidden = false;
    video.hidden = false;
    status.textContent = prompt;
    try {
      await ("BarcodeDetector" in window ? native() : bundled());
    } catch {
      video.hidden = true;
      status.textContent = box.dataset.denied;
    }
  });
  box.querySelector("[data-scan-stop]").addEventListener("click", () => { halt(); box.hidden = true; start.focus(); });
})();
