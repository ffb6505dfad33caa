'use strict';

const { greeting, languages } = require('@tidewords/catalog');

/** One line of HTML for each language. */
function page() {
  const lines = languages.map((language) => `<p lang="${language}">${greeting(language)}</p>`);
  return `${lines.join('\n')}\n`;
}

module.exports = { page };
