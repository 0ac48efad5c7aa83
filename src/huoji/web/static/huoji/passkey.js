// A passkey that could not be read is said on the page, not only in the console.
document.addEventListener("allauth.error", (event) => {
  const fault = document.getElementById("passkey_fault");
  if (!fault) return;
  event.preventDefault();
  fault.hidden = false;
  fault.scrollIntoView({ block: "nearest" });
});
