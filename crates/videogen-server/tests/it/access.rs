//! Who may call: tokens, names of this machine, and foreign web pages.

use std::sync::Arc;

use fal_emulator::Pace;
use serde_json::json;
use videogen_server::{Error, Server, ServerConfig, Token};

use crate::stage::{Stage, any_port, problem, videogen};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn token() -> Option<Token> {
    Some(Token::new(TOKEN).unwrap())
}

#[tokio::test]
async fn with_a_token_every_call_has_to_show_it() {
    for address in [any_port(), ([0, 0, 0, 0], 0).into()] {
        let stage = Stage::with(Pace::Fast, |config, _| config.with_listen(address).with_token(token())).await;
        let caller = &stage.caller;
        let wrong = format!("Bearer {}", TOKEN.replace('0', "1"));
        let shown = [None, Some(TOKEN), Some("Bearer"), Some("Bearer "), Some("Basic x"), Some(wrong.as_str())];
        for shown in shown {
            for path in ["/v1/models", "/v1/tasks/nobody", "/v1/nothing"] {
                let mut request = caller.http.get(caller.url(path));
                if let Some(shown) = shown {
                    request = request.header("authorization", shown);
                }
                let response = request.send().await.unwrap();
                assert_eq!(response.headers()["www-authenticate"], "Bearer");
                let (status, error) = problem(response).await;
                assert_eq!((status, &error["kind"]), (401, &json!("unauthorized")), "{shown:?} {path}");
                assert!(!error.to_string().contains(TOKEN));
            }
        }
        for scheme in ["Bearer", "bearer"] {
            let request =
                caller.http.get(caller.url("/v1/models")).header("authorization", format!("{scheme} {TOKEN}"));
            assert_eq!(request.send().await.unwrap().status(), 200);
        }
        assert_eq!(caller.get("/healthz").await.status(), 200, "whether it is up is no secret");
    }
}

#[tokio::test]
async fn an_address_that_others_reach_needs_a_token_before_anything_listens() {
    let stage = Stage::set().await;
    let videogen = videogen(&stage.emulator, &stage.folder).await;
    for address in ["0.0.0.0:0", "[::]:0", "10.0.0.1:0"] {
        let config = ServerConfig::default().with_listen(address.parse().unwrap());
        let error = Server::bind(Arc::clone(&videogen), config).await.unwrap_err();
        assert!(matches!(error, Error::NeedsToken { .. }), "{address}: {error}");
        assert!(error.advice().contains("--token-file"));
    }
}

#[tokio::test]
async fn on_loopback_a_foreign_name_or_page_is_refused() {
    let stage = Stage::set().await;
    let caller = &stage.caller;
    for (header, value, status) in [
        ("host", "evil.example", 403),
        ("host", "127.0.0.1.evil.example:8790", 403),
        ("host", "10.0.0.1", 403),
        ("host", "localhost:8790", 200),
        ("host", "[::1]:8790", 200),
        ("host", "127.0.0.1", 200),
        ("origin", "https://evil.example", 403),
        ("origin", "null", 403),
        ("origin", "http://localhost:3000", 200),
    ] {
        for path in ["/v1/models", "/healthz"] {
            let response = caller.http.get(caller.url(path)).header(header, value).send().await.unwrap();
            assert_eq!(response.status(), status, "{header}: {value} {path}");
            assert_eq!(response.headers()["x-content-type-options"], "nosniff");
            if status == 403 {
                let (_, error) = problem(response).await;
                assert_eq!(error["kind"], format!("foreign_{header}"));
            }
        }
    }
}

#[tokio::test]
async fn where_a_token_guards_an_open_address_names_do_not_matter() {
    let open = |config: ServerConfig, _: &_| config.with_listen(([0, 0, 0, 0], 0).into()).with_token(token());
    let stage = Stage::with(Pace::Fast, open).await;
    let request = stage.caller.http.get(stage.caller.url("/healthz")).header("host", "videos.example");
    assert_eq!(request.send().await.unwrap().status(), 200);
}
