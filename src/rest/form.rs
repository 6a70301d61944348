//! The file in a form (`multipart/form-data`), cut out of the bytes as they come: pages and scripts send files so.

use aho_corasick::AhoCorasick;
use axum::http::{HeaderMap, header};

use crate::error::{Error, Result};

/// Longest that the headers of a part may be.
const HEADERS: usize = 16 * 1024;

/// The first file of a form.
pub(super) struct FormFile {
    /// What ends a part.
    mark: AhoCorasick,
    mark_len: usize,
    /// What has come and is not done with.
    held: Vec<u8>,
    at: Place,
}

/// What the bytes belong to that come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A part that is no file, or what stands before the first.
    Other,
    /// What follows a mark: the headers of a part, or the end.
    Headers,
    File,
    /// The file has ended; nothing else is wanted.
    Behind,
    /// The form has ended without one.
    End,
}

impl FormFile {
    /// Of a request whose body is a form; `None` where it is none.
    ///
    /// # Errors
    /// `invalid_argument` when it does not say where its parts end.
    pub(super) fn of(headers: &HeaderMap) -> Result<Option<Self>> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data") {
            return Ok(None);
        }
        let Some(boundary) = parameter(kind, "boundary").filter(|boundary| !boundary.is_empty()) else {
            return Err(Error::invalid("The form's Content-Type names no boundary. Let your client write that header."));
        };
        let mark = format!("\r\n--{boundary}");
        let found = AhoCorasick::new([&mark]).map_err(Error::internal)?;
        // The first mark stands at the beginning of a line that nothing comes before.
        Ok(Some(Self { mark: found, mark_len: mark.len(), held: b"\r\n".to_vec(), at: Place::Other }))
    }

    /// What of the next bytes belongs to the file.
    ///
    /// # Errors
    /// `invalid_argument` when it is no form.
    pub(super) fn next(&mut self, piece: &[u8]) -> Result<Vec<u8>> {
        let mut file = Vec::new();
        self.held.extend_from_slice(piece);
        loop {
            match self.at {
                Place::Behind | Place::End => {
                    self.held.clear();
                    return Ok(file);
                }
                Place::Other | Place::File => {
                    let mark = self.mark.find(&self.held).map(|mark| mark.range());
                    // A mark may have begun.
                    let known = mark.as_ref().map_or(self.held.len().saturating_sub(self.mark_len - 1), |mark| mark.start);
                    if self.at == Place::File {
                        file.extend_from_slice(&self.held[..known]);
                    }
                    let Some(mark) = mark else {
                        self.held.drain(..known);
                        return Ok(file);
                    };
                    self.held.drain(..mark.end);
                    self.at = if self.at == Place::File { Place::Behind } else { Place::Headers };
                }
                Place::Headers => match self.headers()? {
                    Some(next) => self.at = next,
                    None => return Ok(file),
                },
            }
        }
    }

    /// What a part is, once its headers are there.
    fn headers(&mut self) -> Result<Option<Place>> {
        if self.held.starts_with(b"--") {
            return Ok(Some(Place::End));
        }
        let Some(end) = self.held.windows(4).position(|four| four == b"\r\n\r\n") else {
            return if self.held.len() > HEADERS { Err(unreadable()) } else { Ok(None) };
        };
        let headers = String::from_utf8_lossy(&self.held[..end]).into_owned();
        self.held.drain(..end + 4);
        let disposition = headers.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"));
        let is_file = disposition.is_some_and(|line| ["filename", "filename*"].iter().any(|name| parameter(line, name).is_some()));
        Ok(Some(if is_file { Place::File } else { Place::Other }))
    }

    /// Ends it.
    ///
    /// # Errors
    /// `invalid_argument` when there was no file in it, or not all of it.
    pub(super) fn end(&self) -> Result<()> {
        match self.at {
            Place::Behind => Ok(()),
            Place::End => Err(Error::invalid("The form has no file. Send it as a part with a filename, or as the body itself.")),
            Place::Other | Place::Headers | Place::File => Err(unreadable()),
        }
    }
}

fn unreadable() -> Error {
    Error::invalid("The form is cut off, or no form: its last boundary is missing. Nothing was stored; send it again.")
}

/// A parameter of a header, without its quotes.
fn parameter<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header.split(';').skip(1).find_map(|parameter| {
        let (known, value) = parameter.split_once('=')?;
        known.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(kind: &str) -> Result<Option<FormFile>> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, kind.parse().expect("a header"));
        FormFile::of(&headers)
    }

    /// The file of a form that comes in pieces of a size.
    fn cut(body: &[u8], size: usize) -> Result<Vec<u8>> {
        let mut form = form("multipart/form-data; boundary=\"--x y\"")?.expect("a form");
        let mut file = Vec::new();
        for piece in body.chunks(size) {
            file.extend(form.next(piece)?);
        }
        form.end().map(|()| file)
    }

    fn body(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut body = Vec::new();
        for (headers, content) in parts {
            body.extend(format!("----x y\r\n{headers}\r\n\r\n").as_bytes());
            body.extend(*content);
            body.extend(b"\r\n");
        }
        body.extend(b"----x y--\r\n");
        body
    }

    #[test]
    fn the_first_file_is_cut_out_however_the_bytes_come() {
        let field = "Content-Disposition: form-data; name=\"assistant\"";
        let file = "content-disposition: form-data; name=\"f\"; FileName=\"a; b.json\"\r\nContent-Type: application/json";
        for content in [&b"[\"one\"]"[..], b"", b"\r\n----x \r\n\r\n", b"--", b"\0\xff\r\n--", &[b'a'; 10_000]] {
            let body = body(&[(field, b"true"), (file, content), (file, b"another")]);
            for size in [1, 2, 3, 7, 64, body.len()] {
                assert_eq!(cut(&body, size).expect("a file"), content, "{size}");
            }
        }
    }

    #[test]
    fn what_has_no_file_says_so() {
        let field = "Content-Disposition: form-data; name=\"file\"";
        for size in [1, 1_000] {
            let none = cut(&body(&[(field, b"text"), (field, b"")]), size).expect_err("no file");
            assert!(none.detail().contains("has no file"), "{}", none.detail());
            let file = body(&[("Content-Disposition: form-data; filename=a", b"all of it")]);
            for odd in [&file[..file.len() - 20], b"[\"a list\"]", b"", &vec![b'x'; 100_000]] {
                assert!(cut(odd, size).is_err_and(|error| error.detail().contains("cut off")), "{size}");
            }
        }
        assert!(form("application/json").expect("fits").is_none());
        assert!(form("multipart/form-data").is_err() && form("multipart/form-data; boundary=").is_err());
    }
}
