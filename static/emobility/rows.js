// One more row of a form: a copy of its template, numbered.
for (const box of document.querySelectorAll("[data-rows]")) {
  const button = box.querySelector("[data-more]");
  const count = box.querySelector("input[name=rows]");
  const template = box.querySelector("template");
  button.hidden = false;
  button.addEventListener("click", () => {
    const number = Number(count.value);
    const holder = document.createElement("div");
    holder.innerHTML = template.innerHTML.replaceAll("__n__", number);
    const row = holder.firstElementChild;
    row.querySelector(`[name=e${number}-place]`).value = number + 1;
    template.before(row);
    count.value = number + 1;
    row.querySelector("input").focus();
  });
}
