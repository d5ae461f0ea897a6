//! Uploads: the token, one piece, many parts.

super::capture::captures! {
    /// A token for the CDN.
    TOKEN = answer("storage/token.json", Clients, 200);
    /// An upload in one piece, with a token.
    UPLOADED = answer("storage/uploaded.json", Clients, 200);
    /// A client announces an upload, in one piece or in parts.
    INITIATION = message("storage/initiation.json", Clients);
    /// The addresses of an announced upload.
    INITIATED = answer("storage/initiated.json", Clients, 200);
    /// An upload in parts was begun, with a token.
    MULTIPART_BEGUN = answer("storage/multipart_begun.json", Clients, 200);
    /// A part has arrived. The header is what the Python client reads, the body what the JavaScript client reads.
    PART = answer("storage/part.json", Clients, 200).with(&[("etag", "\"5d41402abc4b2a76b9719d911017c592\"")]);
    /// A client names the parts, in the order in which they arrived.
    COMPLETION = message("storage/completion.json", Clients);
}
