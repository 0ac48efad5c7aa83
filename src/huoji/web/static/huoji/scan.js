// The scan page for a scanner that types: the number field keeps the focus, each scan is heard, a finger can sign.
(() => {
  "use strict";
  const form = document.querySelector("[data-scan]");
  if (!form) return;
  const number = form.elements.number;
  const pad = form.querySelector("[data-pad]");
  let signed = false;

  if (pad) {
    const pen = pad.getContext("2d");
    const at = (event) => {
      const box = pad.getBoundingClientRect();
      return [((event.clientX - box.left) * pad.width) / box.width, ((event.clientY - box.top) * pad.height) / box.height];
    };
    const wipe = () => { pen.fillStyle = "#fff"; pen.fillRect(0, 0, pad.width, pad.height); signed = false; };
    wipe();
    pen.lineWidth = 4;
    pen.lineCap = "round";
    pad.addEventListener("pointerdown", (event) => {
      pad.setPointerCapture(event.pointerId);
      pen.beginPath();
      pen.moveTo(...at(event));
    });
    pad.addEventListener("pointermove", (event) => {
      if (!event.buttons) return;
      pen.lineTo(...at(event));
      pen.stroke();
      signed = true;
    });
    form.querySelector("[data-pad-clear]").addEventListener("click", wipe);
    form.addEventListener("htmx:configRequest", (event) => {
      if (!signed || event.detail.elt !== form) return;
      const raw = atob(pad.toDataURL("image/png").split(",")[1]);
      const bytes = Uint8Array.from(raw, (char) => char.charCodeAt(0));
      event.detail.formData.append("signature", new File([bytes], "signature.png", { type: "image/png" }));
    });
    document.addEventListener("htmx:afterSwap", (event) => {
      if (event.detail.requestConfig?.elt === form && !document.querySelector("#scans [role=alert]")) {
        wipe();
        form.elements.signed_by.value = "";
        form.elements.photo.value = "";
      }
    });
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    const heard = document.querySelector("#scans [data-beep]");
    if (heard) hjBeep(heard.dataset.beep);
    if (event.detail.requestConfig?.elt === form && heard?.dataset.beep !== "bad") number.value = "";
    number.focus();
    number.select();
  });
  document.addEventListener("htmx:sendError", () => hjBeep("bad"));
  number.focus();
})();
