//! Templates from the repository: what they are given, and what is said about mistakes in them.

use rules::{News, Template, render};

use crate::support::{entries, linked, news};

fn by(template: &str, news: &News) -> Result<String, model::Diagnostic> {
    let template = Template {
        file: "docs/changelog.md.jinja",
        text: template,
    };
    render(news, Some(template))
}

#[test]
fn templates_are_given_everything_and_all_of_it_is_escaped() {
    let all = linked(
        news(entries(&["feat(a_): *x* by @y (#12)\n\nCloses #3"])),
        "https://github.com/acme/kit",
    );
    let template = "\u{feff}# {{ name }} {{ version }} after {{ previous_version }}\r\n\
{{ ecosystem }} {{ tag }} {{ previous_tag }} {{ date }} {{ channel }} <{{ compare }}>\r\n\
{% macro one(entry) %}{{ entry.text }}{% endmacro %}\r\n\
{% for section in sections %}\r\n\
{{ section.title|upper }}\r\n\
{% for entry in section.entries %}\r\n\
* {{ entry.type }} {{ entry.scope }} {{ one(entry) }} {{ entry.text ~ \"!\" }} {{ entry.breaking }} \
[c]({{ entry.commit.url }}) {{ entry.commit.id }} {{ entry.commit.short }} {{ entry.pull_request.number }} \
{{ entry.issues|map(attribute=\"link\")|join(\" \") }}\r\n\
{% endfor %}\r\n\
{% endfor %}\r\n";
    let expected = "\
# app 1.2.0 after 1.1.0
cargo app/v1.2.0 app/v1.1.0 2026-01-02 latest <https://github.com/acme/kit/compare/app/v1.1.0...app/v1.2.0>
FEATURES
* feat a\\_ \\*x\\* by `@y` \\*x\\* by `@y`! False \
[c](https://github.com/acme/kit/commit/0000000abcdef) 0000000abcdef 0000000 12 \
[#3](https://github.com/acme/kit/issues/3)
";
    assert_eq!(by(template, &all).expect("a template that works"), expected);
    let plain = News { links: None, ..all };
    let ours = by("# Ours\n\n{% include \"releasekit\" %}", &plain).expect("a template that works");
    assert!(
        ours.starts_with("# Ours\n\n## 1.2.0 (2026-01-02)\n\n### Features\n"),
        "{ours}"
    );
}

#[test]
fn mistakes_are_shown_with_file_and_line() {
    let one = news(entries(&["feat: x"]));
    let table = [
        ("a\n{% for %}", 2, "syntax error"),
        ("a\nb\n{{ nmae }}", 3, "undefined"),
        (
            "a\n{% for s in sections %}\n{{ s.titel }}{% endfor %}",
            3,
            "undefined",
        ),
        ("{{ name|safe }}", 1, "unknown filter"),
        ("\n\n{% include \"other\" %}", 3, "template not found"),
        (
            "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
            1,
            "fuel",
        ),
    ];
    for (template, line, words) in table {
        let wrong = by(template, &one).expect_err(template);
        let at = wrong.location.clone().expect("a place");
        assert_eq!(
            (at.file.as_str(), at.line),
            ("docs/changelog.md.jinja", line),
            "{template}: {wrong}"
        );
        assert!(wrong.message.contains(words), "{template}: {wrong}");
        assert!(wrong.hint.is_some());
    }
}
