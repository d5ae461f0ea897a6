//! What is not sent, because it would fail: circuits that open, half-open and close. Time is paused.

use std::sync::Arc;
use std::time::Duration;

use fal_core::{
    BreakerPhase, BreakerPolicy, Circuit, Delivery, EndpointId, ErrorKind, FalApi, FalClient, HostClass, Recovery,
};
use futures::future::join_all;
use tokio::time::advance;

use crate::fal_at::{STEADY, accepted, config_of_fal, endpoint, input, over_with};
use crate::moody::{Mood, MoodyFal};
use crate::scripted::{ScriptedTransport, failed};

const ILL: Mood = Mood::Saying(503, "");
const MINUTE: Duration = Duration::from_secs(60);

const SUBMIT: &str = "POST queue.fal.run/fal-ai/kling-video/v2.1/standard/image-to-video";
const STATUS: &str = "GET queue.fal.run/fal-ai/kling-video/requests/r-1/status";
const FREE_READ: &str = "GET queue.fal.run/fal-ai/kling-video/requests/00000000-0000-0000-0000-000000000000/status";

async fn status(client: &FalClient) -> Result<(), ErrorKind> {
    client.status(&accepted(client)).await.map(drop).map_err(|error| error.kind())
}

async fn submit(client: &FalClient) -> Result<(), ErrorKind> {
    client.submit(&endpoint(), &input(), &Default::default()).await.map(drop).map_err(|error| error.kind())
}

fn circuits(client: &FalClient) -> Vec<(Circuit, BreakerPhase)> {
    client.breakers().snapshot().into_iter().map(|status| (status.circuit, status.phase)).collect()
}

const QUEUE: Circuit = Circuit::Host(HostClass::Queue);

/// A client whose queue host has just failed five times.
async fn after_five_failures(fal: &Arc<MoodyFal>) -> FalClient {
    let client = fal.client(|config| config);
    fal.becomes(ILL);
    for failures in 1..=5 {
        assert_eq!(status(&client).await, Err(ErrorKind::Interrupted));
        assert_eq!(client.breakers().snapshot()[0].failures, failures % 5);
    }
    assert_eq!(fal.heard().len(), 5);
    client
}

#[tokio::test(start_paused = true)]
async fn five_failures_stop_a_host_for_a_minute_and_one_read_brings_it_back() {
    let fal = MoodyFal::new(Mood::Well);
    let client = after_five_failures(&fal).await;
    let mut changes = client.breakers().changes();
    assert_eq!(circuits(&client), [(QUEUE, BreakerPhase::Open)]);
    fal.becomes(Mood::Well);
    advance(Duration::from_secs(20)).await;

    let error = client.status(&accepted(&client)).await.unwrap_err();
    assert_eq!((error.kind(), error.recovery()), (ErrorKind::CircuitOpen, Recovery::Later));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(40)));
    assert_eq!(error.to_string(), "fal's queue host has failed repeatedly, so nothing is sent to it for another 40 s");
    assert_eq!(submit(&client).await, Err(ErrorKind::CircuitOpen));
    assert_eq!(fal.heard(), [""; 0]);

    advance(Duration::from_secs(40)).await;
    assert_eq!(circuits(&client), [(QUEUE, BreakerPhase::HalfOpen)]);
    assert_eq!(status(&client).await, Ok(()));
    assert_eq!((submit(&client).await, fal.heard()), (Ok(()), vec![STATUS.to_owned(), SUBMIT.to_owned()]));
    assert_eq!(circuits(&client), []);
    for to in [BreakerPhase::HalfOpen, BreakerPhase::Closed] {
        let change = changes.recv().await.unwrap();
        assert_eq!((change.circuit, change.to), (QUEUE, to));
    }
}

#[tokio::test(start_paused = true)]
async fn calls_that_fail_together_are_one_failure() {
    let fal = MoodyFal::new(Mood::Silent);
    let client = fal.client(|config| config);
    // As on one HTTP/2 connection that breaks.
    let together = async || {
        let all = join_all((0..10).map(|_| status(&client))).await;
        assert!(all.iter().all(Result::is_err) && fal.heard().len() == 10);
    };
    for failures in 1..=4 {
        together().await;
        let seen = client.breakers().snapshot();
        assert_eq!((seen[0].phase, seen[0].failures), (BreakerPhase::Closed, failures));
    }
    together().await;
    assert_eq!(circuits(&client), [(QUEUE, BreakerPhase::Open)]);
}

#[tokio::test(start_paused = true)]
async fn submits_that_are_lost_together_are_one_failure() {
    let fal = MoodyFal::new(Mood::Silent);
    let client = fal.client(|config| config);
    let all = join_all((0..10).map(|_| submit(&client))).await;
    assert_eq!(all, vec![Err(ErrorKind::Unconfirmed); 10]);
    let seen: Vec<_> = client.breakers().snapshot().into_iter().map(|status| status.failures).collect();
    assert_eq!(seen, [1, 1], "of the host and of the submits");
}

#[tokio::test(start_paused = true)]
async fn a_submit_is_preceded_by_a_free_read_when_nobody_else_has_tried() {
    let fal = MoodyFal::new(Mood::Well);
    let client = after_five_failures(&fal).await;
    advance(MINUTE).await;
    assert_eq!(submit(&client).await, Err(ErrorKind::CircuitOpen), "the free read failed");
    assert_eq!(fal.heard(), [FREE_READ]);
    assert_eq!(circuits(&client), [(QUEUE, BreakerPhase::Open)]);

    fal.becomes(Mood::Well);
    advance(MINUTE).await;
    assert_eq!((submit(&client).await, fal.heard()), (Ok(()), vec![FREE_READ.to_owned(), SUBMIT.to_owned()]));
    assert_eq!(circuits(&client), []);
}

#[tokio::test(start_paused = true)]
async fn a_free_read_that_is_told_to_slow_down_lets_no_submit_pass_and_opens_nothing() {
    let fal = MoodyFal::new(Mood::Well);
    let client = after_five_failures(&fal).await;
    fal.becomes(Mood::Saying(429, ""));
    advance(MINUTE).await;
    let error = client.submit(&endpoint(), &input(), &Default::default()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::CircuitOpen, Some(Duration::from_secs(1))));
    assert_eq!((fal.heard(), circuits(&client)), (vec![FREE_READ.to_owned()], vec![(QUEUE, BreakerPhase::HalfOpen)]));
}

#[tokio::test(start_paused = true)]
async fn one_call_tries_at_a_time_and_one_that_is_given_up_makes_room_for_the_next() {
    let fal = MoodyFal::new(Mood::Well);
    let client = after_five_failures(&fal).await;
    fal.becomes(Mood::Silent);
    advance(MINUTE).await;
    let trying = tokio::spawn({
        let client = client.clone();
        async move { status(&client).await }
    });
    tokio::task::yield_now().await;
    assert_eq!(fal.heard(), [STATUS]);
    assert_eq!(
        (status(&client).await, submit(&client).await),
        (Err(ErrorKind::CircuitOpen), Err(ErrorKind::CircuitOpen))
    );
    assert_eq!(fal.heard(), [""; 0]);

    fal.becomes(Mood::Well);
    trying.abort();
    trying.await.unwrap_err();
    assert_eq!((status(&client).await, fal.heard()), (Ok(()), vec![STATUS.to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn a_success_in_between_begins_the_count_again() {
    let fal = MoodyFal::new(Mood::Well);
    let client = fal.client(|config| config);
    for _ in 0..3 {
        fal.becomes(ILL);
        for _ in 0..4 {
            assert_eq!(status(&client).await, Err(ErrorKind::Interrupted));
        }
        fal.becomes(Mood::Well);
        assert_eq!(status(&client).await, Ok(()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_callers_mistakes_and_too_many_requests_open_nothing() {
    for code in [400, 403, 404, 405, 409, 410, 413, 422, 429] {
        let fal = MoodyFal::new(Mood::Saying(code, "content_policy_violation"));
        let client = fal.client(|config| config);
        for _ in 0..20 {
            let (submitted, read) = (submit(&client).await, status(&client).await);
            assert!(submitted.is_err() && submitted == read, "{code} {submitted:?} {read:?}");
        }
        assert_eq!((fal.heard().len(), circuits(&client)), (40, vec![]), "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_model_that_keeps_failing_stops_submits_to_itself_and_nothing_else() {
    let fal = MoodyFal::new(Mood::Failing("kling-video"));
    let client = fal.client(|config| config);
    let other: EndpointId = "fal-ai/minimax/hailuo-02".parse().unwrap();
    for _ in 0..5 {
        assert_eq!(submit(&client).await, Ok(()), "that the queue takes it does not show that the model works");
        assert_eq!(status(&client).await, Ok(()), "nor does a status");
        client.result(&accepted(&client)).await.unwrap_err();
    }
    let error = client.submit(&endpoint(), &input(), &Default::default()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::CircuitOpen, Some(MINUTE)));
    assert_eq!(circuits(&client), [(Circuit::Endpoint(endpoint()), BreakerPhase::Open)]);
    client.submit(&other, &input(), &Default::default()).await.unwrap();
    assert_eq!(status(&client).await, Ok(()), "what is paid for is still watched");
    assert_eq!(submit(&client).await, Err(ErrorKind::CircuitOpen), "a read before its time closes nothing");

    fal.heard();
    advance(MINUTE).await;
    assert_eq!((submit(&client).await, fal.heard()), (Ok(()), vec![FREE_READ.to_owned(), SUBMIT.to_owned()]));
    assert_eq!(circuits(&client), []);
}

#[tokio::test(start_paused = true)]
async fn a_result_that_is_read_three_times_is_one_failure_of_its_model() {
    let fal = MoodyFal::new(Mood::Saying(503, "no video"));
    let client = fal.client(|config| config.with_retry(STEADY));
    client.result(&accepted(&client)).await.unwrap_err();
    assert_eq!((fal.heard().len(), client.breakers().snapshot()[0].failures), (3, 1));
}

#[tokio::test(start_paused = true)]
async fn submits_whose_answers_are_lost_stop_others_to_their_endpoint() {
    let fal = MoodyFal::new(Mood::Well);
    let client = fal.client(|config| config);
    for _ in 0..5 {
        fal.becomes(Mood::Silent);
        assert_eq!(submit(&client).await, Err(ErrorKind::Unconfirmed));
        // The host answers reads, and is well.
        fal.becomes(Mood::Well);
        assert_eq!(status(&client).await, Ok(()));
    }
    assert_eq!(submit(&client).await, Err(ErrorKind::CircuitOpen));
    assert_eq!(circuits(&client), [(Circuit::Submits(endpoint()), BreakerPhase::Open)]);
}

#[tokio::test(start_paused = true)]
async fn an_accepted_submit_shows_that_answers_come_back() {
    let fal = MoodyFal::new(Mood::Well);
    let client = fal.client(|config| config);
    for _ in 0..3 {
        for _ in 0..4 {
            fal.becomes(Mood::Silent);
            assert_eq!(submit(&client).await, Err(ErrorKind::Unconfirmed));
        }
        fal.becomes(Mood::Well);
        assert_eq!(submit(&client).await, Ok(()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_stops_everything_that_needs_it_until_it_is_accepted_again() {
    let fal = MoodyFal::new(Mood::Saying(401, "No user found for Key ID and Secret"));
    let client = fal.client(|config| config);
    assert_eq!(submit(&client).await, Err(ErrorKind::Unauthorized));
    fal.becomes(Mood::Well);
    let error = client.status(&accepted(&client)).await.unwrap_err();
    assert_eq!((error.kind(), error.recovery()), (ErrorKind::Unauthorized, Recovery::Never));
    assert_eq!(error.to_string(), "fal refused the key, so nothing is sent with it for another 60 s");
    assert!(error.advice().contains("https://fal.ai/dashboard/keys"), "{}", error.advice());
    assert_eq!((submit(&client).await, fal.heard().len()), (Err(ErrorKind::Unauthorized), 1));
    client.download("https://v3.fal.media/v.mp4").await.expect_err("it is not there");
    assert_eq!(fal.heard().len(), 1, "a file needs no key");

    advance(MINUTE).await;
    assert_eq!((submit(&client).await, fal.heard()), (Ok(()), vec![FREE_READ.to_owned(), SUBMIT.to_owned()]));
    assert_eq!(circuits(&client), []);
}

#[tokio::test(start_paused = true)]
async fn an_exhausted_balance_stops_submits_and_no_reads_and_a_submit_tries_again() {
    let fal = MoodyFal::new(Mood::Unpaid);
    let client = fal.client(|config| config);
    assert_eq!((submit(&client).await, status(&client).await), (Err(ErrorKind::ExhaustedBalance), Ok(())));
    let error = client.submit(&endpoint(), &input(), &Default::default()).await.unwrap_err();
    assert_eq!((error.kind(), error.recovery()), (ErrorKind::ExhaustedBalance, Recovery::Never));
    assert!(error.advice().contains("https://fal.ai/dashboard/billing"), "{}", error.advice());
    client.result(&accepted(&client)).await.expect("what is paid for can be fetched");
    fal.heard();

    advance(MINUTE).await;
    assert_eq!((submit(&client).await, fal.heard()), (Err(ErrorKind::ExhaustedBalance), vec![SUBMIT.to_owned()]));
    assert_eq!(submit(&client).await, Err(ErrorKind::ExhaustedBalance));
    fal.becomes(Mood::Well);
    advance(MINUTE).await;
    assert_eq!((submit(&client).await, fal.heard()), (Ok(()), vec![SUBMIT.to_owned()]));
    assert_eq!(circuits(&client), []);
}

#[tokio::test(start_paused = true)]
async fn whoever_has_put_it_right_need_not_wait() {
    for mood in [Mood::Saying(401, ""), Mood::Unpaid, ILL] {
        let fal = MoodyFal::new(mood);
        let client = fal.client(|config| config.with_breaker(BreakerPolicy { failures: 1, ..Default::default() }));
        submit(&client).await.unwrap_err();
        fal.heard();
        fal.becomes(Mood::Well);
        assert!(submit(&client).await.is_err() && fal.heard().is_empty(), "{mood:?}");
        client.breakers().reset();
        assert_eq!((submit(&client).await, fal.heard()), (Ok(()), vec![SUBMIT.to_owned()]), "{mood:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_breaker_everything_is_sent() {
    let fal = MoodyFal::new(Mood::Saying(401, ""));
    let client = fal.client(|config| config.with_breaker(None));
    for _ in 0..9 {
        assert_eq!(submit(&client).await, Err(ErrorKind::Unauthorized));
    }
    assert_eq!((fal.heard().len(), circuits(&client)), (9, vec![]));
    client.breakers().changes().recv().await.expect_err("there will be none");
}

#[tokio::test(start_paused = true)]
async fn a_circuit_that_opens_in_the_middle_of_a_call_ends_it_with_what_went_wrong() {
    let transport = Arc::new(ScriptedTransport::new((0..2).map(|_| failed(Delivery::NotSent))));
    let config = config_of_fal().with_retry(STEADY).with_breaker(BreakerPolicy { failures: 2, ..Default::default() });
    // Two attempts of three, on hosts without a backup domain.
    let error = over_with(&transport, config).download("https://v3.fal.media/v.mp4").await.unwrap_err();
    assert_eq!((error.kind(), transport.exchanges()), (ErrorKind::Unreachable, 2));
}
