//! The names under which secrets travel: of headers, of fields in JSON, of parameters in a URL.

/// Whether a header holds a secret, as `x-fal-key` does. The list is wide: what it holds is of no use in a record.
pub(super) fn is_secret_header(name: &str) -> bool {
    let name = plain(name);
    name != "idempotency_key"
        && ["auth", "cookie", "credential", "key", "password", "secret", "signature", "token"]
            .iter()
            .any(|part| name.contains(part))
}

/// Whether a field of a JSON object holds a secret: the CDN's `token`, or what fal's platform says of a new key.
pub(super) fn is_secret_field(name: &str) -> bool {
    let name = plain(name);
    let whole = ["api_key", "api_key_id", "apikey", "authorization", "cookie", "fal_key", "key_id", "private_key"];
    let last = ["credential", "credentials", "password", "secret", "signature", "token"];
    whole.contains(&name.as_str()) || last.contains(&name.rsplit('_').next().unwrap_or_default())
}

/// Whether a field holds a URL whose whole query is a permission.
pub(super) fn is_signed_url_field(name: &str) -> bool {
    matches!(plain(name).as_str(), "signed_url" | "upload_url")
}

/// Whether a parameter of a URL is a secret or part of a signature.
pub(super) fn is_secret_parameter(name: &str) -> bool {
    let plain = plain(name);
    is_secret_field(name)
        || plain.starts_with("x_amz_")
        || plain.starts_with("x_goog_")
        || ["awsaccesskeyid", "googleaccessid", "identity", "sig"].contains(&plain.as_str())
}

fn plain(name: &str) -> String {
    name.to_ascii_lowercase().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_name_and_nothing_else_is() {
        assert!(["x-fal-key", "Authorization", "Set-Cookie", "x-fal-cdn-token"].into_iter().all(is_secret_header));
        assert!(!["x-fal-request-id", "Idempotency-Key", "content-type", "range"].into_iter().any(is_secret_header));
        assert!(
            ["token", "upload_token", "key_secret", "hf_token", "X-Amz-Signature"].into_iter().all(is_secret_field)
        );
        assert!(!["token_type", "max_tokens", "key", "keys", "prompt"].into_iter().any(is_secret_field));
        assert!(["X-Amz-Date", "X-Goog-Credential", "fal_jwt_token", "identity"].into_iter().all(is_secret_parameter));
        assert!(!["logs", "storage_type", "fal_webhook", "key"].into_iter().any(is_secret_parameter));
    }
}
