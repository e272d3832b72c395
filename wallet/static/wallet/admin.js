// Names for screen readers where the framework's widgets have none: Select2's boxes take the label
// of the field beneath them, fields in tables the heading of their column.
(() => {
  const nameOf = (field) => {
    const label = field.id && document.querySelector(`label[for="${field.id}"]`);
    const cell = field.closest('td');
    const heading = cell?.closest('table')?.querySelectorAll('thead th')[cell.cellIndex];
    return (label ?? heading)?.textContent.trim() || field.name || '';
  };
  const name = (element, field) => {
    element.setAttribute('aria-label', nameOf(field));
    element.removeAttribute('aria-labelledby');
  };
  const nameAll = () => {
    for (const part of document.querySelectorAll('.select2-selection:not([aria-label]), .select2-selection__rendered:not([aria-label])')) {
      const select = part.closest('.select2')?.previousElementSibling;
      if (select) name(part, select);
    }
    for (const field of document.querySelectorAll('.tabular td :is(select, input, textarea):not([aria-label]):not([type=hidden])')) {
      name(field, field);
    }
  };
  new MutationObserver(nameAll).observe(document.documentElement, { childList: true, subtree: true });
})();

// A dialog takes the keyboard when it opens, keeps it while it is open, and gives it back.
(() => {
  const FIELDS = 'input:not([type=hidden]), select, textarea';
  const dialog = () => document.getElementById('modal-content');
  const shown = (element) => element.getClientRects().length > 0;
  const isOpen = () => Boolean(dialog()) && shown(dialog());
  const stops = () => [...dialog().querySelectorAll(`${FIELDS}, button, a[href]`)].filter((stop) => !stop.disabled && shown(stop));
  let opener;
  document.addEventListener('htmx:beforeRequest', (event) => {
    if (event.detail.target === dialog()) opener = event.detail.elt;
  });
  document.addEventListener('htmx:afterSettle', () => requestAnimationFrame(() => {
    if (!isOpen()) return;
    dialog().setAttribute('role', 'dialog');
    dialog().setAttribute('aria-modal', 'true');
    dialog().setAttribute('aria-label', dialog().querySelector('.action-title')?.textContent.trim() ?? '');
    const first = dialog().querySelector('[aria-invalid=true]') ?? stops().find((stop) => stop.matches(FIELDS)) ?? stops()[0];
    first?.focus();
  }));
  document.addEventListener('keydown', (event) => {
    if (!isOpen()) return;
    if (event.key === 'Escape') requestAnimationFrame(() => opener?.focus());
    if (event.key !== 'Tab' || !stops().length) return;
    const at = stops().indexOf(document.activeElement);
    const leaves = event.shiftKey ? at <= 0 : at === -1 || at === stops().length - 1;
    if (!leaves) return;
    event.preventDefault();
    stops().at(event.shiftKey ? -1 : 0).focus();
  });
})();

// Menus of actions that the framework draws as links without an address open from the keyboard.
(() => {
  const MENU = 'li > a:not([href]).cursor-pointer';
  const items = () => [...document.querySelectorAll('body > nav a[href]')].filter((item) => item.getClientRects().length);
  let opened;
  document.addEventListener('DOMContentLoaded', () => {
    for (const menu of document.querySelectorAll(MENU)) {
      menu.setAttribute('role', 'button');
      menu.setAttribute('tabindex', '0');
    }
  });
  document.addEventListener('keydown', (event) => {
    if (['Enter', ' '].includes(event.key) && event.target.matches?.(MENU)) {
      event.preventDefault();
      opened = event.target;
      opened.click();
      setTimeout(() => items()[0]?.focus(), 50); // the framework has drawn it by then
    } else if (event.key === 'Escape' && items().includes(event.target)) {
      opened?.click();
      opened?.focus();
    }
  });
})();
