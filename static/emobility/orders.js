/* Orders: the list is searched while typing; a raw request is sketched anew when another action is chosen. */
(() => {
  const wanted = document.getElementById("em-wanted");
  if (wanted) {
    const search = () => {
      const words = wanted.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const group of document.querySelectorAll("[data-group]")) {
        let any = false;
        for (const item of group.querySelectorAll("[data-order]")) {
          const fits = words.every((word) => item.dataset.order.toLowerCase().includes(word));
          item.hidden = !fits;
          any = any || fits;
        }
        group.hidden = !any;
      }
    };
    wanted.addEventListener("input", search);
    if (!wanted.value) wanted.focus();
  }
  const action = document.querySelector("form[data-sketches] select[name=action]");
  if (action) action.addEventListener("change", () => { location.search = `?action=${encodeURIComponent(action.value)}`; });
})();
