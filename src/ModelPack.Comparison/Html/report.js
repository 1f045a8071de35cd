'use strict';
(() => {
  const report = JSON.parse(document.getElementById('data').textContent);
  const main = document.getElementById('main');
  const PAGE = 100;

  // Everything is put in as text: names from files are never read as markup.
  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes ?? {})) {
      if (name === 'on') Object.entries(value).forEach(([event, handler]) => element.addEventListener(event, handler));
      else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
    }
    element.append(...children.filter(child => child !== null && child !== undefined).map(child => child instanceof Node ? child : String(child)));
    return element;
  }

  const known = value => value !== null && value !== undefined;
  function size(bytes) {
    if (!known(bytes)) return '–';
    const units = ['B', 'kB', 'MB', 'GB', 'TB'];
    let unit = 0;
    while (Math.abs(bytes) >= 999.5 && unit < units.length - 1) { bytes /= 1000; unit++; }
    return (unit === 0 ? Math.round(bytes) : Number(bytes).toPrecision(3)) + ' ' + units[unit];
  }
  const fixed = (value, digits) => known(value) ? value.toFixed(digits) : '–';
  const percent = (value, digits = 1) => known(value) ? (value * 100).toFixed(digits) + ' %' : '–';
  const number = value => !known(value) ? '–' : value === 0 ? '0' : Math.abs(value) >= 1e5 || Math.abs(value) < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
  const shape = dimensions => dimensions.length ? dimensions.join('×') : 'scalar';
  // Characters that turn the direction of writing or break lines would let a name pass for another.
  const plain = text => text.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, c => '\\u{' + c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0') + '}');
  const fileName = path => path.replace(/[\\/]+$/, '').split(/[\\/]/).pop() || path;

  function meterCell(value) {
    const cell = make('td', { class: 'ratio' });
    if (known(value)) {
      const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
      svg.setAttribute('class', 'meter'); svg.setAttribute('width', '48'); svg.setAttribute('height', '10'); svg.setAttribute('aria-hidden', 'true');
      const bar = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
      bar.setAttribute('width', String(48 * Math.min(1, Math.max(0, value)))); bar.setAttribute('height', '10'); bar.setAttribute('rx', '2');
      const track = bar.cloneNode();
      track.setAttribute('width', '48'); track.setAttribute('class', 'track');
      svg.append(track, bar);
      cell.append(svg, ' ');
    }
    cell.append(fixed(value, 3));
    return cell;
  }

  function table(columns, rows) {
    const head = make('tr', null, ...columns.map(column => make('th', { class: (column.left ? 'left ' : '') + (column.minor ? 'minor' : '') }, column.title)));
    return make('div', { class: 'scroll' }, make('table', null, make('thead', null, head), make('tbody', null, ...rows.map(row => line(columns, row)))));
  }

  function line(columns, row, attributes) {
    return make('tr', attributes, ...columns.map(column => {
      const cell = column.meter ? meterCell(column.value(row)) : make('td', { class: column.name ? 'name' : column.left ? 'left' : null }, column.text(row));
      if (column.minor) cell.classList.add('minor');
      return cell;
    }));
  }

  // A table that is sorted by its heads and filtered by a text and some choices.
  function explorer(title, columns, items, choices, detail, sortBy) {
    const state = { sort: columns.findIndex(column => column.title === sortBy), descending: true, shown: PAGE, text: '', choices: choices.map(() => '') };
    const body = make('tbody');
    const count = make('output');
    const more = make('button', { type: 'button', class: 'more', on: { click: () => { state.shown += PAGE; draw(); } } }, 'Show more');
    const heads = columns.map((column, index) => make('th', { class: (column.left ? 'left ' : '') + (column.minor ? 'minor' : ''), 'data-column': column.title },
      make('button', { type: 'button', title: column.hint ?? null, on: { click: () => {
        state.descending = state.sort === index ? !state.descending : !column.left;
        state.sort = index;
        draw();
      } } }, column.title)));
    const filter = make('input', { type: 'search', placeholder: 'Filter by name', 'aria-label': 'Filter by name', on: { input: event => { state.text = event.target.value.toLowerCase(); state.shown = PAGE; draw(); } } });
    const selects = choices.map((choice, index) => make('select', { 'aria-label': choice.title, on: { change: event => { state.choices[index] = event.target.value; state.shown = PAGE; draw(); } } },
      make('option', { value: '' }, choice.title), ...[...new Set(items.map(choice.value))].sort().map(value => make('option', { value }, plain(value)))));

    function compare(a, b) {
      const column = columns[state.sort];
      const [x, y] = [column.value(a), column.value(b)];
      if (!known(x) || !known(y)) return known(x) ? -1 : known(y) ? 1 : 0;
      const order = typeof x === 'string' ? x.localeCompare(y, 'en', { numeric: true }) : x - y;
      return state.descending ? -order : order;
    }

    function draw() {
      heads.forEach((head, index) => index === state.sort ? head.setAttribute('aria-sort', state.descending ? 'descending' : 'ascending') : head.removeAttribute('aria-sort'));
      const found = items.filter(item => item.name.toLowerCase().includes(state.text) && choices.every((choice, index) => !state.choices[index] || choice.value(item) === state.choices[index]));
      if (state.sort >= 0) found.sort(compare);
      body.replaceChildren(...found.slice(0, state.shown).map(item => {
        const row = line(columns, item, { class: 'tensor', tabindex: '0', on: { click: toggle, keydown: event => { if (event.key === 'Enter') toggle(); } } });
        let open = null;
        function toggle() {
          if (open) { open.remove(); open = null; return; }
          open = make('tr', { class: 'detail' }, make('td', { colspan: columns.length }, ...detail(item)));
          row.after(open);
        }
        return row;
      }));
      count.textContent = found.length === items.length ? items.length + ' tensors' : found.length + ' of ' + items.length + ' tensors';
      more.hidden = found.length <= state.shown;
    }

    draw();
    return [make('h2', null, title), make('div', { class: 'tools' }, filter, ...selects, count),
      make('div', { class: 'scroll' }, make('table', { class: 'tensors' }, make('thead', null, make('tr', null, ...heads)), body)), more];
  }

  const nameColumn = { title: 'tensor', left: true, name: true, value: item => item.name, text: item => plain(item.name) };
  const tensorColumns = [
    nameColumn,
    { title: 'kind', left: true, minor: true, value: item => item.kind, text: item => item.kind },
    { title: 'dtype', left: true, value: item => item.dtype, text: item => item.dtype },
    { title: 'shape', left: true, minor: true, value: item => item.elements, text: item => shape(item.shape) },
    { title: 'bytes', value: item => item.original_bytes, text: item => size(item.original_bytes) },
    { title: 'packed', minor: true, value: item => item.packed_bytes.default, text: item => size(item.packed_bytes.default) },
    { title: 'saved', minor: true, value: item => known(item.packed_bytes.default) ? item.original_bytes - item.packed_bytes.default : null, text: item => known(item.packed_bytes.default) ? size(item.original_bytes - item.packed_bytes.default) : '–' },
    { title: 'ratio', meter: true, hint: 'packed ÷ original', value: item => item.ratio },
    { title: 'bits', minor: true, hint: 'packed bits a value', value: item => item.bits_per_value, text: item => fixed(item.bits_per_value, 2) },
    { title: 'bound', minor: true, hint: 'order-0 entropy of the planes, bits a value', value: item => item.bound_bits_per_value, text: item => fixed(item.bound_bits_per_value, 2) },
    { title: 'over', minor: true, hint: 'how far packed is over the bound', value: item => item.bound_distance, text: item => known(item.bound_distance) ? (item.bound_distance > 0 ? '+' : '') + percent(item.bound_distance) : '–' },
  ];

  function tensorDetail(item) {
    const parts = [];
    if (item.file) parts.push(make('p', { class: 'path' }, plain(item.file)));
    if (item.repeated_bytes) parts.push(make('p', null, size(item.repeated_bytes) + ' of it are equal to an earlier tensor and are stored once.'));
    if (item.planes.length) {
      const ways = [...new Set(item.planes.flatMap(plane => Object.keys(plane.packed_bytes)))];
      parts.push(table([
        { title: 'plane', left: true, text: plane => plane.name },
        { title: 'values', text: plane => plane.distinct_values },
        { title: 'entropy', text: plane => fixed(plane.entropy_bits, 3) + ' bits' },
        { title: 'bound', text: plane => size(plane.bound_bytes) },
        { title: 'picked', left: true, text: plane => plane.coders.default ?? '–' },
        ...ways.map(way => ({ title: way, text: plane => size(plane.packed_bytes[way]) })),
      ], item.planes));
      const context = item.planes.find(plane => known(plane.context_distance));
      if (context) parts.push(make('p', null, 'At the level max, plane ' + context.name + ' is ' + percent(context.context_distance) + ' over ' + size(context.context_bound_bytes) + ', the entropy given the contexts of Context ANS.'));
    }
    const facts = [];
    const entropy = item.entropies;
    if (entropy) facts.push(['H(exponent)', entropy.exponent], ['H(exponent, top mantissa bit)', entropy.exponent_and_top_mantissa_bit], ['H(top mantissa bit | exponent)', entropy.top_mantissa_bit_given_exponent],
      ['H(symbol | class of its chunk)', entropy.symbol_given_class], ['H(symbol | symbol before)', entropy.symbol_given_previous],
      ['H(symbol | context of Context ANS)', entropy.symbol_given_context]);
    const shown = facts.filter(([, value]) => known(value)).map(([name, value]) => [name, fixed(value, 3) + ' bits']);
    if (item.values) shown.push(['least', number(item.values.min)], ['largest', number(item.values.max)], ['mean', number(item.values.mean)], ['standard deviation', number(item.values.standard_deviation)],
      ['zeros', percent(item.values.zeros, 2)], ['NaNs', percent(item.values.nans, 2)], ['infinities', percent(item.values.infinities, 2)], ['denormals', percent(item.values.denormals, 2)]);
    if (shown.length) parts.push(table([{ title: 'of the values', left: true, text: fact => fact[0] }, { title: '', text: fact => fact[1] }], shown));
    return parts;
  }

  const levels = ['fast', 'default', 'max'];
  function groupTable(first, groups) {
    const present = levels.filter(level => groups.some(group => known(group.packed_bytes[level])));
    return table([
      { title: first, left: true, name: first === 'file', text: group => plain(group.name ?? (group.path || '(unnamed)')) },
      { title: 'tensors', minor: true, text: group => group.tensors || '' },
      { title: 'bytes', text: group => size(group.original_bytes) },
      ...present.map(level => ({ title: level, minor: level !== 'default', text: group => size(group.packed_bytes[level]) })),
      { title: 'ratio', meter: true, value: group => group.original_bytes ? group.ratio : null },
      { title: 'bound', minor: true, text: group => known(group.bound_bytes) && group.original_bytes ? fixed(group.bound_bytes / group.original_bytes, 3) : '–' },
    ], groups);
  }

  const card = (value, label) => make('div', { class: 'card' }, make('b', null, value), make('span', null, label));

  function showSource(source, index, target) {
    const cards = [card(size(source.original_bytes), 'original')];
    for (const level of levels) if (known(source.packed_bytes[level])) {
      cards.push(card(fixed(source.packed_bytes[level] / source.original_bytes, 3), (source.estimate ? 'estimated ratio' : 'ratio, level ' + level) + ' · ' + size(source.packed_bytes[level])));
    }
    if (known(source.bound_bytes)) cards.push(card(fixed(source.bound_bytes / source.original_bytes, 3), 'order-0 entropy · ' + size(source.bound_bytes)));
    if (source.estimate) cards.push(card('± ' + percent(source.estimate.error, 2), 'error (95 %) · ' + size(source.estimate.sampled_bytes) + ' read'));
    target.append(make('p', { class: 'path' }, plain(source.path) + (source.packed ? ' (packed; sizes are of what it restores)' : '')), make('div', { class: 'cards' }, ...cards));
    if (source.estimate) target.append(make('p', { class: 'notice' }, source.estimate.verdict));
    const plots = document.getElementById('plots-' + index);
    if (plots?.children.length) { plots.hidden = false; target.append(make('h2', null, 'At a glance'), plots); }
    if (source.tensors.length) {
      target.append(...explorer('Tensors', tensorColumns, source.tensors,
        [{ title: 'All kinds', value: item => item.kind }, { title: 'All dtypes', value: item => item.dtype }], tensorDetail, 'saved'));
    }
    const side = make('div', { class: 'side' });
    if (source.dtypes.length) side.append(make('section', null, make('h2', null, 'By dtype'), groupTable('dtype', source.dtypes)));
    if (source.kinds.length) side.append(make('section', null, make('h2', null, 'By kind of layer'), groupTable('kind', source.kinds)));
    if (source.files.length > 1) side.append(make('section', null, make('h2', null, 'By file'), groupTable('file', source.files)));
    if (source.compressors) {
      const all = source.compressors;
      side.append(make('section', null, make('h2', null, 'Against other compressors'), table([
        { title: 'compressor', left: true, text: row => row.name },
        { title: 'input', left: true, text: row => row.input },
        { title: 'ratio', meter: true, value: row => row.ratio },
        { title: 'compress', text: row => number(row.compress) + ' ×' },
        { title: 'decompress', text: row => number(row.decompress) + ' ×' },
      ], [...all.results].sort((a, b) => a.ratio - b.ratio)),
      make('p', { class: 'path' }, 'Speeds in memory copies (' + fixed(all.memcpy_gigabytes_per_second, 1) + ' GB/s) on one thread; ' + size(all.sample_bytes) + (all.is_whole ? ', the whole model.' : ' of the model: a part of each tensor.'))));
    }
    target.append(side);
  }

  function showDifference(difference) {
    const ratio = bytes => known(bytes) && difference.original_bytes ? fixed(bytes / difference.original_bytes, 3) : '–';
    main.append(make('p', { class: 'path' }, plain(difference.base_path) + ' → ' + plain(difference.path)),
      make('div', { class: 'cards' },
        card(ratio(difference.packed_bytes), 'packed by itself · ' + size(difference.packed_bytes)),
        card(ratio(difference.difference_bytes), 'as a difference · ' + size(difference.difference_bytes)),
        card(difference.equal, 'tensors equal'), card(difference.near, 'nearly equal'), card(difference.reshaped, 'other dtype or shape'), card(difference.added, 'new'), card(difference.missing, 'missing')));
    const columns = [
      nameColumn,
      { title: 'state', left: true, value: item => item.state, text: item => item.state },
      { title: 'dtype', left: true, minor: true, value: item => item.dtype, text: item => item.dtype },
      { title: 'shape', left: true, minor: true, value: item => item.shape.reduce((a, b) => a * b, 1), text: item => shape(item.shape) },
      { title: 'bytes', value: item => item.original_bytes, text: item => size(item.original_bytes) },
      { title: 'packed', minor: true, value: item => item.packed_bytes, text: item => size(item.packed_bytes) },
      { title: 'difference', value: item => item.difference_bytes, text: item => size(item.difference_bytes) },
      { title: 'values', value: item => item.changed_values, text: item => percent(item.changed_values), hint: 'values that differ' },
      { title: 'bits', minor: true, value: item => item.changed_bits, text: item => percent(item.changed_bits), hint: 'bits that differ' },
    ];
    const detail = item => item.planes.length
      ? [table([{ title: 'plane', left: true, text: plane => plane.name }, { title: 'bits that differ', text: plane => percent(plane.changed_bits, 2) }], item.planes)]
      : [make('p', null, item.state === 'equal' ? 'Every bit is the same.' : 'There is nothing to compare it with.')];
    main.append(...explorer('Tensors', columns, difference.tensors, [{ title: 'All states', value: item => item.state }, { title: 'All dtypes', value: item => item.dtype }], detail, 'bytes'));
  }

  if (report.partial) main.append(make('p', { class: 'notice' }, 'Partial: it was cancelled, and what was found until then is shown.'));
  for (const warning of report.warnings) main.append(make('p', { class: 'notice' }, plain(warning.file) + ': ' + plain(warning.reason)));
  if (report.difference) showDifference(report.difference);
  const sections = report.sources.map((source, index) => {
    const section = make('section', { hidden: index > 0 });
    showSource(source, index, section);
    return section;
  });
  if (sections.length > 1) {
    const buttons = report.sources.map((source, index) => make('button', { type: 'button', 'aria-pressed': index === 0 ? 'true' : 'false', on: { click: () => {
      sections.forEach((section, other) => { section.hidden = other !== index; });
      buttons.forEach((button, other) => button.setAttribute('aria-pressed', other === index ? 'true' : 'false'));
    } } }, plain(fileName(source.path))));
    main.append(make('nav', { class: 'models', 'aria-label': 'Models' }, ...buttons));
  }
  main.append(...sections, make('footer', null, 'Ratio is packed ÷ original. The bound is the order-0 entropy of each plane of each tensor: what packs smaller uses contexts or repeats. kB = 1000 bytes. ' + fixed(report.seconds, 1) + ' s.'));

  document.getElementById('theme').addEventListener('click', () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = dark ? 'light' : 'dark';
  });
})();
