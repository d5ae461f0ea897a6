//! Server-sent events: cut out of the stream one by one, changed, written down, and spelt again.

use serde_json::value::RawValue;

use crate::record::addresses::Addresses;
use crate::record::body_kind::json;
use crate::record::cleaner::Cleaner;
use crate::record::exchange::Event;
use crate::record::json_text::compact;

/// The longest event that is waited for, in bytes.
const LONGEST: usize = 16 * 1024 * 1024;

/// Cuts a stream into events, each with the empty line that ends it.
#[derive(Default)]
pub(super) struct Splitter {
    buffer: Vec<u8>,
    /// Up to here there is no end of an event.
    looked: usize,
}

impl Splitter {
    pub(super) fn push(&mut self, piece: &[u8]) {
        self.buffer.extend_from_slice(piece);
    }

    /// The next event that has arrived whole.
    pub(super) fn next(&mut self) -> Option<String> {
        while let Some(at) = self.buffer[self.looked..].iter().position(|byte| *byte == b'\n') {
            let line = &self.buffer[..self.looked + at];
            self.looked += at + 1;
            if line.is_empty() || line.ends_with(b"\n") || line.ends_with(b"\n\r") || line == b"\r" {
                return Some(self.take(self.looked));
            }
        }
        self.looked = self.buffer.len();
        // Without an end in sight it passes in parts.
        (self.looked > LONGEST).then(|| self.take(self.looked))
    }

    /// What is left where the stream ends inside of an event.
    pub(super) fn rest(&mut self) -> Option<String> {
        (!self.buffer.is_empty()).then(|| self.take(self.buffer.len()))
    }

    fn take(&mut self, length: usize) -> String {
        self.looked = 0;
        let event: Vec<u8> = self.buffer.drain(..length).collect();
        String::from_utf8_lossy(&event).into_owned()
    }
}

/// Changes what the `data:` lines of an event say.
pub(super) fn map_data(event: &str, change: impl Fn(&str) -> String) -> String {
    let lines = event.split_inclusive('\n').map(|line| {
        let said = line.trim_end_matches(['\r', '\n']);
        let Some(data) = said.strip_prefix("data:") else { return line.to_owned() };
        let data = data.strip_prefix(' ').unwrap_or(data);
        format!("{}{}{}", &line[..said.len() - data.len()], change(data), &line[said.len()..])
    });
    lines.collect()
}

impl Event {
    /// An event as it is written.
    pub(super) fn of(at_ms: u64, event: &str, cleaner: &Cleaner) -> Self {
        match only_json(&map_data(event, |data| cleaner.text(data))) {
            Some(data) => Self { at_ms, data: Some(data), text: String::new() },
            // The last one may have been cut.
            None => Self { at_ms, data: None, text: cleaner.cut_text(event) },
        }
    }

    /// Spells it as it was.
    pub(super) fn spelt(&self, addresses: &Addresses) -> String {
        match &self.data {
            Some(data) => format!("data: {}\n\n", addresses.placeholder_to_own(&compact(data.get()))),
            None => addresses.placeholder_to_own(&self.text),
        }
    }
}

/// The JSON of an event that is nothing but one line of it, spelt as fal does.
fn only_json(event: &str) -> Option<Box<RawValue>> {
    let data = event.strip_prefix("data: ")?.strip_suffix("\n\n")?;
    // `null` would read as if nothing were there.
    json(data).filter(|json| json.get() == data && data != "null")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_found_wherever_the_pieces_end() {
        let stream = "data: {\"a\":1}\n\n: ping\r\n\r\nid: 1\r\ndata: x\n\r\n\n\ndata: cu";
        let expected = ["data: {\"a\":1}\n\n", ": ping\r\n\r\n", "id: 1\r\ndata: x\n\r\n", "\n", "\n"];
        for size in 1..stream.len() {
            let (mut splitter, mut events) = (Splitter::default(), Vec::new());
            for piece in stream.as_bytes().chunks(size) {
                splitter.push(piece);
                events.extend(std::iter::from_fn(|| splitter.next()));
            }
            assert_eq!(events, expected, "in pieces of {size}");
            assert_eq!(splitter.rest().as_deref(), Some("data: cu"));
            assert_eq!(splitter.rest(), None);
        }
    }

    #[test]
    fn only_what_is_said_is_changed() {
        let change = |data: &str| data.replace('d', "D");
        assert_eq!(
            map_data("event: d\ndata: data\r\ndata:d\n: d\n\n", change),
            "event: d\ndata: Data\r\ndata:D\n: d\n\n"
        );
    }
}
