/** An element with properties and children; `false` and `undefined` children are left out. Text is never markup. */
export function el(name, properties, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children.filter((child) => child !== false && child !== undefined));
  return element;
}
