//! What the program prints when it has started: how to point a client at it, for a person and for a shell.

use std::net::SocketAddr;
use std::path::Path;

use crate::{Emulator, Urls};

/// The addresses, as a shell reads them.
pub(crate) fn addresses(urls: &Urls) -> String {
    let named = [
        ("QUEUE", &urls.queue),
        ("RUN", &urls.run),
        ("REST", &urls.rest),
        ("CDN", &urls.cdn),
        ("PLATFORM", &urls.platform),
    ];
    named.map(|(name, url)| format!("export VIDEO_GEN_FAL_{name}_URL={url}\n")).concat()
}

/// The addresses, then what https needs, as variables where they are https, else as comments; then the page for people.
pub(super) fn of(emulator: &Emulator, https: bool) -> String {
    let mut text = addresses(emulator.urls());
    if let Some(ca) = emulator.ca_file() {
        text += &trust(&quoted(ca), https);
        text += &proxy(&quoted(ca), emulator.address());
    }
    text + &format!("# Requests, bill and videos, live: http://{}/\n", emulator.address())
}

fn trust(ca: &str, https: bool) -> String {
    if https {
        format!("export SSL_CERT_FILE={ca}\nexport NODE_EXTRA_CA_CERTS={ca}\n")
    } else {
        format!("# The authority behind its certificate: {ca}\n")
    }
}

fn proxy(ca: &str, address: SocketAddr) -> String {
    let proxy = format!("HTTPS_PROXY=http://{address}");
    format!(
        "# A program that calls fal by its real names runs unchanged:\n\
         # {proxy} SSL_CERT_FILE={ca} python app.py\n\
         # {proxy} NODE_USE_ENV_PROXY=1 NODE_EXTRA_CA_CERTS={ca} node app.js\n"
    )
}

/// One word for a shell, whatever the path has in it.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_one_word() {
        assert_eq!(quoted(Path::new("/srv/o'hara/my state/ca.pem")), r"'/srv/o'\''hara/my state/ca.pem'");
    }
}
