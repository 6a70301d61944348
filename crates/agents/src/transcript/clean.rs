//! What is cut out of texts before anybody else sees them.

/// A text without what stands between `<private>` and `</private>`. Without an end, all that follows is private.
#[must_use]
pub fn without_private(text: &str) -> String {
    without(text, &["private"])
}

/// A text without these elements and what is in them, in whatever letters; without an end, to the end of the text.
pub(crate) fn without(text: &str, tags: &[&str]) -> String {
    let lower = text.to_ascii_lowercase();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some((start, tag)) = tags.iter().filter_map(|tag| opening(&lower, at, tag).map(|start| (start, tag))).min() {
        out.push_str(&text[at..start]);
        at = end_of(&lower, start, tag);
    }
    out.push_str(&text[at..]);
    out
}

/// Where such an element begins: `<tag>`, or `<tag` with something that may follow its name.
fn opening(lower: &str, from: usize, tag: &str) -> Option<usize> {
    let open = format!("<{tag}");
    let mut places = lower[from..].match_indices(&open).map(|(at, _)| from + at);
    places.find(|at| lower[at + open.len()..].starts_with(|next: char| next == '>' || next == '/' || next.is_whitespace()))
}

/// Behind the element that begins here; those of its kind within it are counted.
fn end_of(lower: &str, start: usize, tag: &str) -> usize {
    let close = format!("</{tag}");
    let mut depth = 1_usize;
    let mut at = start + 1;
    loop {
        let end = lower[at..].find(&close).map(|found| at + found);
        match (opening(lower, at, tag), end) {
            (_, None) => return lower.len(),
            (Some(inner), Some(end)) if inner < end => {
                depth += 1;
                at = inner + 1;
            }
            (_, Some(end)) => {
                depth -= 1;
                at = end + close.len();
                if depth == 0 {
                    return lower[at..].find('>').map_or(lower.len(), |behind| at + behind + 1);
                }
            }
        }
    }
}

/// What is within the last element of that name, if there is one.
pub(super) fn within<'a>(text: &'a str, tag: &str) -> Option<&'a str> {
    let open = format!("<{tag}>");
    let start = text.find(&open)? + open.len();
    let end = text[start..].rfind(&format!("</{tag}>")).map_or(text.len(), |end| start + end);
    Some(&text[start..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_private_is_cut() {
        for (text, left) in [
            ("a <private>b</private> c", "a  c"),
            ("a <PRIVATE reason='x'>b</Private > c", "a  c"),
            ("a <private>b", "a "),
            ("a <private>b <private>c</private> d</private> e", "a  e"),
            ("a <private>b <private>c</private> d", "a "),
            ("<privateer> stays</privateer>", "<privateer> stays</privateer>"),
            ("a<private>b</private>c<private>d</private>e", "ace"),
            ("é <private>ü</private> ß", "é  ß"),
            ("no <privat", "no <privat"),
            ("a </private> b", "a </private> b"),
        ] {
            assert_eq!(without_private(text), left);
        }
    }
}
