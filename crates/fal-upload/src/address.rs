//! Whether a file is at its address, and what it is, before fal is sent there.

use std::error::Error as StdError;
use std::io::Cursor;
use std::time::Duration;

use fal_core::{Answer, Call, FalClient, ResponseBody};
use futures::TryStreamExt;
use http::{HeaderValue, Method, StatusCode, header};
use tokio::time::timeout;
use url::Url;

use crate::{Error, FileError, FileProblem, PictureFacts, picture};

/// So much of a file is read, in bytes: enough for the headers of most pictures, with what a camera writes into them.
const BEGINNING: usize = 64 << 10;
const BEGINNING_ONLY: HeaderValue = HeaderValue::from_static("bytes=0-65535");
/// How long each answer is waited for, and how long the beginning may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is known of a file at an address.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UrlFacts {
    /// What the server says of its type, in lower case and without parameters, for example `image/png`.
    pub media_type: Option<String>,
    /// Its size in bytes, where the server tells it.
    pub bytes: Option<u64>,
    /// What the picture is, by its content. `None` when it is none, when its header goes on beyond the first 64 KiB, or
    /// when the size is not told.
    pub picture: Option<PictureFacts>,
}

/// Asks whether a file is at its address, by HEAD and, where that is refused or does not rule a picture out, by a GET of
/// its first 64 KiB. Nothing of fal's is asked, and the key stays here.
///
/// The address has to be `https`, or on the configured CDN, and must not lead into a private network unless
/// [`TransportConfig::private_networks`](fal_core::TransportConfig::private_networks) allows it. That fal can read the
/// file as well is likely, and no promise.
///
/// # Errors
/// [`Error::File`] with [`FileProblem::Forbidden`], [`FileProblem::Unreachable`], [`FileProblem::Moved`],
/// [`FileProblem::Refused`] or [`FileProblem::Empty`]; it does not repeat the address, which may be signed.
pub async fn look_at(client: &FalClient, url: &str) -> Result<UrlFacts, Error> {
    let url = Url::parse(url).map_err(|_| unusable(FileProblem::Forbidden))?;
    match told(client, url.clone()).await {
        Ok(facts) if facts.is_no_picture() => return Ok(facts),
        Ok(_) => {}
        // Addresses that are signed for reading, and some servers, know no HEAD.
        Err(error) if matches!(error.problem(), FileProblem::Refused { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(seen(client, url).await?)
}

/// What the server says by HEAD.
async fn told(client: &FalClient, url: Url) -> Result<UrlFacts, FileError> {
    let call = Call::elsewhere(Method::HEAD, url).with_timeout(PATIENCE);
    let answer = client.call(call).await.map_err(refusal)?;
    Ok(UrlFacts { media_type: media_type(&answer), bytes: whole_length(&answer), picture: None })
}

/// What the beginning of the file shows.
async fn seen(client: &FalClient, url: Url) -> Result<UrlFacts, FileError> {
    let call = Call::elsewhere(Method::GET, url).with_timeout(PATIENCE).with_header(header::RANGE, BEGINNING_ONLY);
    let (answer, body) = client.open(call).await.map_err(refusal)?;
    let beginning = timeout(PATIENCE, beginning(body)).await.map_err(|_| unusable(FileProblem::Unreachable))??;
    let is_whole = (beginning.len() < BEGINNING).then_some(beginning.len() as u64);
    let bytes = whole_length(&answer).or(is_whole);
    if bytes == Some(0) {
        return Err(unusable(FileProblem::Empty));
    }
    let picture = bytes.and_then(|bytes| picture::facts(Cursor::new(beginning), bytes).ok());
    Ok(UrlFacts { media_type: media_type(&answer), bytes, picture })
}

/// The first bytes of a body; the rest is not waited for.
async fn beginning(mut body: ResponseBody) -> Result<Vec<u8>, FileError> {
    let mut beginning = Vec::new();
    while beginning.len() < BEGINNING {
        let piece = body.try_next().await.map_err(|error| unusable(FileProblem::Unreachable).with_source(error))?;
        let Some(piece) = piece else { break };
        beginning.extend_from_slice(&piece);
    }
    beginning.truncate(BEGINNING);
    Ok(beginning)
}

impl UrlFacts {
    fn is_no_picture(&self) -> bool {
        let says_nothing = |media_type: &str| media_type.ends_with("/octet-stream");
        let is_other = |media_type: &str| !media_type.starts_with("image/") && !says_nothing(media_type);
        self.bytes.is_some_and(|bytes| bytes != 0) && self.media_type.as_deref().is_some_and(is_other)
    }
}

fn media_type(answer: &Answer) -> Option<String> {
    let value = answer.headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let media_type = value.split(';').next()?.trim().to_ascii_lowercase();
    (!media_type.is_empty()).then_some(media_type)
}

/// The length of the whole file, of which the answer may hold a part.
fn whole_length(answer: &Answer) -> Option<u64> {
    let value = |name| answer.headers.get(name)?.to_str().ok();
    match answer.status {
        StatusCode::PARTIAL_CONTENT => value(header::CONTENT_RANGE)?.rsplit_once('/')?.1.trim().parse().ok(),
        _ => value(header::CONTENT_LENGTH)?.trim().parse().ok(),
    }
}

/// What an error of the client means for the file. Its own words speak of fal.
fn refusal(error: fal_core::Error) -> FileError {
    match &error {
        fal_core::Error::ForbiddenUrl => unusable(FileProblem::Forbidden),
        fal_core::Error::Api(answer) => unusable(match answer.status() {
            status if status.is_redirection() => FileProblem::Moved,
            // A part was asked for, and there is none.
            StatusCode::RANGE_NOT_SATISFIABLE => FileProblem::Empty,
            status => FileProblem::Refused { status: status.as_u16() },
        }),
        other => {
            let cause = other.source().unwrap_or(other).to_string();
            unusable(FileProblem::Unreachable).with_source(cause)
        }
    }
}

fn unusable(problem: FileProblem) -> FileError {
    FileError::new(crate::Source::Url(String::new()).label(), problem)
}
