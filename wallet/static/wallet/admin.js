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
