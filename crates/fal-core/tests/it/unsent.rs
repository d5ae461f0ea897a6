//! How many submits reach a real socket while circuits are open and the retry budget is spent.

use std::time::Duration;

use fal_core::{BreakerPolicy, ErrorKind, FalApi, FalClient, FalConfig, RetryBudget};

use crate::fal_at::{accepted, config, endpoint, input};
use crate::raw_server::{Act, RawServer, answer};

const FREE_READ: &str = "GET /fal-ai/kling-video/requests/00000000-0000-0000-0000-000000000000/status";
const SUBMIT: &str = "POST /fal-ai/kling-video/v2.1/standard/image-to-video";

fn says(status: &str, detail: &str) -> Act {
    Act::Answer(answer(status, "", &format!(r#"{{"detail":"{detail}"}}"#)))
}

fn takes() -> Act {
    Act::Answer(answer("200 OK", "", r#"{"request_id":"r-1"}"#))
}

fn knows_nothing() -> Act {
    Act::Answer(answer("404 Not Found", "", r#"{"status":"NOT_FOUND"}"#))
}

async fn at(
    acts: impl IntoIterator<Item = Act>,
    change: impl FnOnce(FalConfig) -> FalConfig,
) -> (RawServer, FalClient) {
    let server = RawServer::start(acts).await;
    let config = config(&server.base()).with_breaker(BreakerPolicy::default());
    let client = FalClient::new(change(config)).unwrap();
    (server, client)
}

/// A circuit that half-opens at once.
fn impatient(config: FalConfig) -> FalConfig {
    config.with_breaker(BreakerPolicy { open_for: Duration::ZERO, ..BreakerPolicy::default() })
}

async fn submit(client: &FalClient) -> Result<(), ErrorKind> {
    client.submit(&endpoint(), &input(), &Default::default()).await.map(drop).map_err(|error| error.kind())
}

/// The first words of all that arrived.
async fn arrived(server: &RawServer) -> Vec<String> {
    let requests = server.requests(0).await;
    requests.iter().map(|request| request.split(" HTTP").next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn after_five_unclear_answers_no_submit_is_sent() {
    for act in [says("503 Service Unavailable", ""), Act::AnswerAndClose(String::new())] {
        let (server, client) = at([act], |config| config).await;
        for _ in 0..5 {
            assert_eq!(submit(&client).await, Err(ErrorKind::Unconfirmed));
        }
        for _ in 0..5 {
            assert_eq!(submit(&client).await, Err(ErrorKind::CircuitOpen));
        }
        assert_eq!(arrived(&server).await, [SUBMIT; 5]);
    }
}

#[tokio::test]
async fn a_half_open_circuit_lets_one_submit_pass_after_a_free_read_has_succeeded() {
    let ill = says("503 Service Unavailable", "");
    let mut acts = vec![ill; 6];
    acts.extend([knows_nothing(), takes()]);
    let (server, client) = at(acts, impatient).await;
    for _ in 0..5 {
        assert_eq!(submit(&client).await, Err(ErrorKind::Unconfirmed));
    }
    assert_eq!(submit(&client).await, Err(ErrorKind::CircuitOpen), "the free read meets a 503");
    assert_eq!(submit(&client).await, Ok(()));
    let expected = [[SUBMIT; 5].as_slice(), &[FREE_READ, FREE_READ, SUBMIT]].concat();
    assert_eq!(arrived(&server).await, expected);
}

#[tokio::test]
async fn a_refused_key_is_shown_to_fal_again_with_free_reads_only() {
    let refuses = says("401 Unauthorized", "No user found for Key ID and Secret");
    let (server, client) = at([refuses.clone()], |config| config).await;
    for _ in 0..4 {
        assert_eq!(submit(&client).await, Err(ErrorKind::Unauthorized));
        assert_eq!(client.status(&accepted(&client)).await.unwrap_err().kind(), ErrorKind::Unauthorized);
    }
    assert_eq!(arrived(&server).await, [SUBMIT]);

    let (server, client) = at([refuses.clone(), refuses, knows_nothing(), takes()], impatient).await;
    for expected in [Err(ErrorKind::Unauthorized), Err(ErrorKind::Unauthorized), Ok(())] {
        assert_eq!(submit(&client).await, expected);
    }
    assert_eq!(arrived(&server).await, [SUBMIT, FREE_READ, FREE_READ, SUBMIT]);
}

#[tokio::test]
async fn without_a_balance_one_submit_is_refused_by_fal_and_the_rest_by_the_client() {
    let locked = says("403 Forbidden", "User is locked. Reason: Exhausted balance.");
    let (server, client) = at([locked], |config| config).await;
    for _ in 0..4 {
        assert_eq!(submit(&client).await, Err(ErrorKind::ExhaustedBalance));
    }
    assert_eq!(arrived(&server).await, [SUBMIT]);
}

#[tokio::test]
async fn retries_end_when_the_budget_is_spent() {
    let busy = says("429 Too Many Requests", "queue_full");
    for (reserve, arrivals) in [(0, [1, 1, 1]), (1, [2, 1, 1]), (3, [3, 2, 1]), (9, [3, 3, 3])] {
        let budget = RetryBudget { percent: 0, reserve, refill: Duration::MAX, most: 0 };
        let (server, client) = at([busy.clone()], |config| config.with_retry_budget(budget)).await;
        let mut so_far = 0;
        for expected in arrivals {
            assert_eq!(submit(&client).await, Err(ErrorKind::RateLimited));
            let posts = arrived(&server).await.len();
            assert_eq!(posts - so_far, expected, "{reserve}");
            so_far = posts;
        }
    }
}

#[tokio::test]
async fn clones_of_a_client_share_circuits_and_budget() {
    let budget = RetryBudget { percent: 0, reserve: 2, refill: Duration::MAX, most: 0 };
    let (server, client) = at([says("429 Too Many Requests", "")], |config| config.with_retry_budget(budget)).await;
    let clone = client.clone();
    assert_eq!(
        (submit(&client).await, submit(&clone).await),
        (Err(ErrorKind::RateLimited), Err(ErrorKind::RateLimited))
    );
    assert_eq!(arrived(&server).await.len(), 3 + 1);

    let (server, client) = at([says("401 Unauthorized", "")], |config| config).await;
    let clone = client.clone();
    assert_eq!(
        (submit(&client).await, submit(&clone).await),
        (Err(ErrorKind::Unauthorized), Err(ErrorKind::Unauthorized))
    );
    assert_eq!(arrived(&server).await.len(), 1);
}

#[tokio::test]
async fn a_refusal_that_advises_against_it_is_not_repeated() {
    for header in ["x-fal-needs-retry: 0\r\n", "x-fal-retryable: false\r\n"] {
        let busy = Act::Answer(answer("429 Too Many Requests", header, ""));
        let (server, client) = at([busy], |config| config).await;
        assert_eq!(submit(&client).await, Err(ErrorKind::RateLimited));
        assert_eq!(arrived(&server).await, [SUBMIT], "{header}");
    }
}

#[tokio::test]
async fn no_advice_makes_a_client_repeat_a_submit_that_may_have_been_taken() {
    let advice = "x-fal-needs-retry: 1\r\nx-fal-retryable: true\r\nretry-after: 0\r\n";
    for status in ["500 Internal Server Error", "502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout"] {
        let (server, client) = at([Act::Answer(answer(status, advice, ""))], |config| config).await;
        assert_eq!(submit(&client).await, Err(ErrorKind::Unconfirmed));
        assert_eq!(arrived(&server).await, [SUBMIT], "{status}");
    }
}
