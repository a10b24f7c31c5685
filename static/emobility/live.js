/*
 * Keeps a page of the admin up to date without a reload: a WebSocket tells which things changed, the page is
 * fetched again in the background, and only what differs is exchanged. Parts that move carry `data-live="key"`.
 */
(() => {
  const page = document.getElementById("em-page");
  if (!page || !page.dataset.liveTopics) return;
  const topics = page.dataset.liveTopics.split(" ");
  const SHORTEST = 400;
  const RECHECK = 10000;
  let running = false;
  let dirty = false;
  let last = 0;
  let delay = 500;

  const lamp = (state) => {
    const element = document.getElementById("em-live");
    if (element) element.dataset.state = state;
  };

  const concerns = (changed) =>
    changed.some((topic) => topics.includes(topic) || topic === "*" || topics.includes(`${topic.split(":")[0]}s`) || topics.includes("*"));

  const span = (seconds) => {
    const s = Math.max(0, Math.floor(seconds));
    if (s < 60) return `${s}\u00a0s`;
    if (s < 3600) return `${Math.floor(s / 60)}\u00a0min`;
    if (s < 86400) return `${Math.floor(s / 3600)}\u00a0h\u00a0${String(Math.floor((s % 3600) / 60)).padStart(2, "0")}`;
    return `${Math.floor(s / 86400)}\u00a0d`;
  };

  const tick = () => {
    const now = Date.now() / 1000;
    for (const element of document.querySelectorAll("time[data-age]")) {
      const text = span(now - Number(element.dataset.age));
      if (element.textContent !== text) element.textContent = text;
    }
  };

  /* Ages move by themselves: they do not count as a difference. */
  const essence = (element) => {
    const copy = element.cloneNode(true);
    for (const age of copy.querySelectorAll("time[data-age]")) age.textContent = "";
    for (const token of copy.querySelectorAll("input[name=csrfmiddlewaretoken]")) token.remove();
    return copy.innerHTML;
  };

  const light = (element) => {
    element.classList.add("em-flash", "em-lit");
    setTimeout(() => element.classList.remove("em-lit"), 60);
  };

  const exchange = (old, fresh) => {
    if (essence(old) === essence(fresh)) return;
    const focus = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    old.innerHTML = fresh.innerHTML;
    if (focus) old.querySelector(`a[href="${CSS.escape(focus)}"]`)?.focus();
    light(old);
  };

  /* A list: exchange single cells while the rows are the same, so that nothing else on the page moves. */
  const rows = (root) => [...root.querySelectorAll("#result_list tbody tr.data-row")];
  const identity = (row) => row.querySelector("th a[href], td a[href]")?.getAttribute("href");

  const exchangeRows = (old, fresh) => {
    const before = rows(old);
    const after = rows(fresh);
    const same = before.length > 0 && before.length === after.length &&
      before.every((row, index) => identity(row) === identity(after[index]) && row.cells.length === after[index].cells.length);
    if (!same) {
      if (old.querySelector("input.action-select:checked")) return;
      exchange(old, fresh);
      return;
    }
    before.forEach((row, index) => {
      [...row.cells].forEach((cell, column) => {
        if (!cell.querySelector("input")) exchange(cell, after[index].cells[column]);
      });
    });
  };

  const refresh = async () => {
    if (running) {
      dirty = true;
      return;
    }
    running = true;
    dirty = false;
    await new Promise((done) => setTimeout(done, Math.max(0, last + SHORTEST - Date.now())));
    last = Date.now();
    try {
      const response = await fetch(page.dataset.liveUrl || location.href, { headers: { "X-Requested-With": "live" }, credentials: "same-origin" });
      if (response.redirected && new URL(response.url).pathname !== new URL(page.dataset.liveUrl || location.href, location.href).pathname) {
        lamp("lost");
        return;
      }
      if (response.ok) {
        const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
        for (const part of document.querySelectorAll("[data-live]")) {
          const twin = fresh.querySelector(`[data-live="${CSS.escape(part.dataset.live)}"]`);
          if (!twin) continue;
          if (part.hasAttribute("data-live-rows")) exchangeRows(part, twin);
          else exchange(part, twin);
        }
        tick();
        page.dispatchEvent(new CustomEvent("em:refreshed"));
      }
    } catch {
      /* The next message or the next check tries again. */
    } finally {
      running = false;
      if (dirty) refresh();
    }
  };

  const connect = () => {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/dashboard/`, ["emobility.topics"]);
    socket.onopen = () => {
      delay = 500;
      lamp("on");
      refresh();
    };
    socket.onmessage = (event) => {
      const message = JSON.parse(event.data);
      if (message.type === "changed" && concerns(message.topics)) refresh();
    };
    socket.onclose = () => {
      lamp("lost");
      setTimeout(connect, delay);
      delay = Math.min(delay * 2, 15000);
    };
  };

  setInterval(tick, 5000);
  setInterval(() => { if (!document.hidden) refresh(); }, RECHECK);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  connect();
})();
