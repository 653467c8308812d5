//! A chart with its heading, the keys of its lines and a caption.

use std::borrow::Cow;

/// A line of a chart: its style, and what it is.
pub(crate) type Key = (&'static str, Cow<'static, str>);

/// A chart as it stands in the page. `caption` is HTML.
pub(crate) fn figure(heading: &str, unit: &str, keys: &[Key], svg: &str, caption: &str) -> String {
    let keys: String = keys
        .iter()
        .map(|(class, text)| {
            format!("<span class=\"key\"><i class=\"k-{class}\"></i>{text}</span>")
        })
        .collect();
    let caption = if caption.is_empty() {
        String::new()
    } else {
        format!("<p class=\"caption\">{caption}</p>")
    };
    format!(
        "<figure><figcaption><h3>{heading} <span class=\"unit\">{unit}</span></h3><p class=\"keys\">{keys}</p></figcaption>{svg}{caption}</figure>\n"
    )
}

/// The line of what was there first: the mix, or the only file there is.
pub(crate) fn first_line(there_is_a_master: bool) -> Key {
    if there_is_a_master { ("before", "mix".into()) } else { ("after", "file".into()) }
}

/// Charts beside each other; on narrow screens a strip that scrolls, also by the keyboard.
pub(crate) fn side_by_side(class: &str, label: &str, figures: &str) -> String {
    format!(
        "<div class=\"{class} strip\" role=\"group\" aria-label=\"{label}\" tabindex=\"0\">{figures}</div>\n"
    )
}

/// A section that can be folded; the script folds it on narrow screens.
pub(crate) fn folding(heading: &str, body: &str) -> String {
    format!("<details class=\"fold\" open><summary><h2>{heading}</h2></summary>{body}</details>\n")
}
