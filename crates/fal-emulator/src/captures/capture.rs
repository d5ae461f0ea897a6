//! One body, and how it is known.

/// A body as it goes over the wire, with what comes along with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capture {
    /// Its file below `captures` of this crate, for example `queue/submitted.json`.
    pub name: &'static str,
    /// How it is known.
    pub source: Source,
    /// The HTTP status of the answer; `None` for what a client sends, and for what a webhook is sent.
    pub status: Option<u16>,
    /// The headers that belong to it, besides the content type and the request id. Names are in lower case.
    pub headers: &'static [(&'static str, &'static str)],
    /// The body, word for word.
    pub body: &'static str,
}

/// How a body is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// Seen by a client of fal, in 2026 where nothing else is said.
    Captured,
    /// Described in fal's documentation or in its OpenAPI documents of 2026.
    Documented,
    /// What fal's own clients of 2026 send, or cannot do without.
    Clients,
}

impl Capture {
    pub(super) const fn answer(name: &'static str, source: Source, status: u16, body: &'static str) -> Self {
        Self { name, source, status: Some(status), headers: &[], body }
    }

    pub(super) const fn message(name: &'static str, source: Source, body: &'static str) -> Self {
        Self { name, source, status: None, headers: &[], body }
    }

    pub(super) const fn with(mut self, headers: &'static [(&'static str, &'static str)]) -> Self {
        self.headers = headers;
        self
    }

    /// The content type of the body.
    pub fn content_type(&self) -> &'static str {
        match self.name.rsplit_once('.') {
            Some((_, "html")) => "text/html",
            Some((_, "txt")) => "text/event-stream",
            _ => "application/json",
        }
    }
}

/// Defines the captures of one folder, each as a constant, and the list of them.
macro_rules! captures {
    ($($(#[$doc:meta])* $constant:ident = $make:ident($file:literal, $source:ident $(, $status:literal)?) $(.with($headers:expr))?;)*) => {
        $($(#[$doc])* pub const $constant: $crate::captures::Capture = $crate::captures::Capture::$make(
            $file,
            $crate::captures::Source::$source,
            $($status,)?
            include_str!(concat!("../../captures/", $file)),
        )$(.with($headers))?;)*

        pub(super) const ALL: &[&$crate::captures::Capture] = &[$(&$constant),*];
    };
}

pub(super) use captures;
