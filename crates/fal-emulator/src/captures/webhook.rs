//! What a webhook is sent, and the keys to check it with.

super::capture::captures! {
    /// A request that ended well.
    OK = message("webhook/ok.json", Documented);
    /// A request that failed.
    ERROR = message("webhook/error.json", Documented);
    /// A request that ended well, with a result that has to be fetched.
    PAYLOAD_ERROR = message("webhook/payload_error.json", Documented);
    /// The public keys, with an example of RFC 8037 as the key.
    JWKS = answer("webhook/jwks.json", Documented, 200);
}
