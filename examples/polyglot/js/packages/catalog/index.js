'use strict';

const greetings = { de: 'Guten Tag', en: 'Good day', fr: 'Bonjour', sw: 'Habari', vi: 'Xin chào' };

/** The greeting of a language, by its two-letter code. */
function greeting(language) {
  const words = greetings[language];
  if (words === undefined) {
    throw new Error(`no greeting for ${language}`);
  }
  return words;
}

module.exports = { greeting, languages: Object.keys(greetings) };
