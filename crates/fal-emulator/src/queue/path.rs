//! The path of a request on the queue host, and what of it is asked for.

use crate::models::Model;

/// `{endpoint}/requests/{id}[/status[/stream]|/response|/cancel]`, taken apart.
pub(super) struct RequestPath<'a> {
    endpoint: &'a str,
    pub(super) id: &'a str,
    pub(super) view: View,
}

/// What of a request is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    Status,
    StatusStream,
    Result,
    Cancel,
}

impl<'a> RequestPath<'a> {
    /// A trailing slash is allowed: one of fal's own clients sends it.
    pub(super) fn parse(path: &'a str) -> Option<Self> {
        let (endpoint, rest) = path.trim_matches('/').split_once("/requests/")?;
        let (id, view) = match rest.split_once('/') {
            None | Some((_, "response")) => (rest.split('/').next()?, View::Result),
            Some((id, "status")) => (id, View::Status),
            Some((id, "status/stream")) => (id, View::StatusStream),
            Some((id, "cancel")) => (id, View::Cancel),
            Some(_) => return None,
        };
        Some(Self { endpoint, id, view })
    }

    /// Whether the path names the model's app, alone or with the rest of the endpoint id behind it.
    pub(super) fn is_of(&self, model: &Model) -> bool {
        self.endpoint == model.app() || self.endpoint == model.endpoint_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_are_read() {
        for (path, view) in [
            ("fal-ai/kling-video/requests/1", Some(View::Result)),
            ("fal-ai/kling-video/requests/1/", Some(View::Result)),
            ("fal-ai/kling-video/requests/1/response", Some(View::Result)),
            ("fal-ai/kling-video/requests/1/status/", Some(View::Status)),
            ("fal-ai/kling-video/v2.1/pro/image-to-video/requests/1/status", Some(View::Status)),
            ("fal-ai/kling-video/requests/1/status/stream", Some(View::StatusStream)),
            ("fal-ai/kling-video/requests/1/cancel", Some(View::Cancel)),
            ("fal-ai/kling-video/requests/1/else", None),
            ("fal-ai/kling-video", None),
        ] {
            assert_eq!(RequestPath::parse(path).map(|asked| asked.view), view, "{path}");
            assert!(RequestPath::parse(path).is_none_or(|asked| asked.id == "1"), "{path}");
        }
    }
}
