/** Puts an element's children in order with as few moves as it takes: what is moved loses the focus and half-typed text. */

/** What is not among `wanted` goes. The child that has the focus stays where it is; others are moved around it. */
export function arrange(parent, wanted) {
  const kept = new Set(wanted);
  for (const child of [...parent.childNodes]) if (!kept.has(child)) child.remove();
  let at = parent.firstChild;
  for (const child of wanted) {
    if (child !== at && child.contains(document.activeElement)) at = clearWay(parent, at, child);
    if (child === at) at = at.nextSibling;
    else parent.insertBefore(child, at);
  }
}

/** Moves what stands from `from` up to `child` to the end, where it waits for its turn. */
function clearWay(parent, from, child) {
  if (!parent.contains(child)) return from;
  const before = [];
  for (let at = from; at !== child; at = at.nextSibling) before.push(at);
  parent.append(...before);
  return child;
}
