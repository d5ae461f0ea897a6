//! When the next attempt is made. Time is paused and nothing touches a socket.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fal_core::{
    Call, Delivery, ErrorKind, FalApi, HostClass, HttpTransport, Recovery, ResponseBody, RetryPolicy, TransportError,
};
use futures::stream;
use http::Method;
use tokio::time::Instant;
use url::Url;

use crate::fal_at::{STEADY, accepted, config_of_fal, endpoint, input, over, over_with};
use crate::scripted::{Exchange, ScriptedTransport, answered, answered_with, failed};

#[tokio::test(start_paused = true)]
async fn an_unreachable_host_is_tried_three_times_after_one_and_two_seconds() {
    // Each time at fal's own host and at its backup.
    let transport = Arc::new(ScriptedTransport::new((0..6).map(|_| failed(Delivery::NotSent))));
    let began = Instant::now();
    let error = over(&transport, STEADY).submit(&endpoint(), &input(), &Default::default()).await.unwrap_err();
    assert_eq!((error.kind(), error.recovery()), (ErrorKind::Unreachable, Recovery::Later));
    assert_eq!((transport.exchanges(), began.elapsed()), (6, Duration::from_secs(3)));
}

#[tokio::test(start_paused = true)]
async fn a_submit_that_may_have_arrived_is_not_waited_for() {
    let transport = Arc::new(ScriptedTransport::new([answered(429, ""), failed(Delivery::Unknown)]));
    let began = Instant::now();
    let error = over(&transport, STEADY).submit(&endpoint(), &input(), &Default::default()).await.unwrap_err();
    assert_eq!(error.recovery(), Recovery::Reconcile);
    assert_eq!((transport.exchanges(), began.elapsed()), (2, Duration::from_secs(1)));
}

#[tokio::test(start_paused = true)]
async fn jitter_stays_within_a_half() {
    for _ in 0..20 {
        let transport = Arc::new(ScriptedTransport::new((0..3).map(|_| failed(Delivery::Unknown))));
        let client = over(&transport, RetryPolicy::default());
        let began = Instant::now();
        client.status(&accepted(&client)).await.unwrap_err();
        let waited = began.elapsed().as_secs_f64();
        assert!((1.5..=4.51).contains(&waited), "{waited} s");
    }
}

#[tokio::test(start_paused = true)]
async fn no_attempt_begins_after_the_deadline() {
    let policy = RetryPolicy { max_attempts: 100, deadline: Duration::from_secs(10), ..STEADY };
    // After 0, 1, 3 and 7 s; the next would begin after 15 s.
    let transport = Arc::new(ScriptedTransport::new((0..4).map(|_| answered(503, ""))));
    let client = over(&transport, policy);
    let error = client.status(&accepted(&client)).await.unwrap_err();
    assert_eq!((error.kind(), transport.exchanges()), (ErrorKind::Interrupted, 4));
}

#[tokio::test(start_paused = true)]
async fn a_server_may_ask_for_more_time_up_to_the_longest_delay() {
    for (asked, waited) in [("0", 1), ("7", 7), ("3600", 60), ("soon", 1)] {
        let busy = || answered_with(429, "retry-after", asked);
        let transport = Arc::new(ScriptedTransport::new([busy(), answered(200, r#"{"request_id":"r-1"}"#)]));
        let began = Instant::now();
        over(&transport, STEADY).submit(&endpoint(), &input(), &Default::default()).await.unwrap();
        assert_eq!(began.elapsed(), Duration::from_secs(waited), "{asked}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_servers_wish_outranks_neither_the_attempts_nor_the_deadline() {
    let busy = || answered_with(429, "retry-after", "50");
    for (deadline, attempts, waited) in [(180, 3, 100), (99, 2, 50), (49, 1, 0)] {
        let transport = Arc::new(ScriptedTransport::new((0..attempts).map(|_| busy())));
        let policy = RetryPolicy { deadline: Duration::from_secs(deadline), ..STEADY };
        let began = Instant::now();
        let error = over(&transport, policy).submit(&endpoint(), &input(), &Default::default()).await.unwrap_err();
        assert_eq!((error.kind(), error.retry_after()), (ErrorKind::RateLimited, Some(Duration::from_secs(50))));
        assert_eq!((transport.exchanges(), began.elapsed()), (attempts, Duration::from_secs(waited)));
    }
}

#[tokio::test(start_paused = true)]
async fn fals_advice_decides_whether_a_read_is_repeated() {
    for (status, header, value, exchanges) in [
        (500, "x-fal-retryable", "true", 3),
        (500, "x-fal-needs-retry", "1", 3),
        (503, "x-fal-retryable", "false", 1),
        (503, "x-fal-needs-retry", "0", 1),
        (422, "x-fal-retryable", "true", 1),
        (504, "x-fal-request-timeout-type", "user", 1),
    ] {
        let transport = Arc::new(ScriptedTransport::new((0..exchanges).map(|_| answered_with(status, header, value))));
        let client = over(&transport, STEADY);
        client.status(&accepted(&client)).await.unwrap_err();
        assert_eq!(transport.exchanges(), exchanges, "{status} {header}: {value}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_that_has_begun_ends_at_the_deadline_and_a_submit_keeps_its_time() {
    let policy = RetryPolicy { deadline: Duration::from_secs(40), ..STEADY };
    let transport = Arc::new(Silent { headers_come: false });
    let client = over(&transport, policy);
    let began = Instant::now();
    client.status(&accepted(&client)).await.unwrap_err();
    // 30 s, a pause of 1 s, and what was left.
    assert_eq!(began.elapsed(), Duration::from_secs(40));

    let policy = RetryPolicy { deadline: Duration::from_secs(10), ..STEADY };
    let began = Instant::now();
    let error = over(&transport, policy).submit(&endpoint(), &input(), &Default::default()).await.unwrap_err();
    assert_eq!((error.kind(), began.elapsed()), (ErrorKind::Unconfirmed, Duration::from_secs(30)));
}

#[tokio::test(start_paused = true)]
async fn a_call_with_a_time_of_its_own_may_take_longer_than_the_deadline() {
    let transport = Arc::new(Silent { headers_come: false });
    let url = Url::parse("https://v3.fal.media/files/upload").unwrap();
    let call = Call::new(Method::POST, HostClass::Cdn, url).with_timeout(Duration::from_secs(999));
    let began = Instant::now();
    over(&transport, STEADY).call(call).await.unwrap_err();
    assert_eq!(began.elapsed(), Duration::from_secs(999));
}

#[tokio::test(start_paused = true)]
async fn retries_cost_a_fleet_little_while_fal_is_ill() {
    let calls = 1000;
    let transport = Arc::new(ScriptedTransport::new((0..calls * 2).map(|_| answered(429, ""))));
    let policy = RetryPolicy { initial_delay: Duration::ZERO, ..STEADY };
    let client = over_with(&transport, config_of_fal().with_retry(policy));
    for _ in 0..calls {
        client.status(&accepted(&client)).await.unwrap_err();
    }
    // Two for each call without a budget; a fifth of the calls and the reserve of ten with it.
    assert_eq!(transport.exchanges(), calls + calls / 5 + 10);
}

/// Never answers, or answers and then never brings the body.
#[derive(Debug)]
struct Silent {
    headers_come: bool,
}

#[async_trait::async_trait]
impl HttpTransport for Silent {
    async fn send(&self, _: http::Request<Bytes>) -> Exchange {
        if self.headers_come {
            return Ok(http::Response::new(ResponseBody::new(stream::pending())));
        }
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_ends_after_thirty_seconds_wherever_it_stalls() {
    for headers_come in [false, true] {
        let transport = Arc::new(Silent { headers_come });
        let client = over(&transport, STEADY);
        let began = Instant::now();
        assert_eq!(
            client.submit(&endpoint(), &input(), &Default::default()).await.unwrap_err().recovery(),
            Recovery::Reconcile
        );
        assert_eq!(began.elapsed(), Duration::from_secs(30));

        let began = Instant::now();
        let error = client.status(&accepted(&client)).await.unwrap_err();
        assert_eq!((error.kind(), began.elapsed()), (ErrorKind::Interrupted, Duration::from_secs(93)));
    }
}

#[tokio::test(start_paused = true)]
async fn an_endless_answer_ends_at_the_limit() {
    let endless = || {
        let piece = || Ok::<_, TransportError>(Bytes::from_static(&[b' '; 1 << 20]));
        Ok(http::Response::new(ResponseBody::new(stream::repeat_with(piece))))
    };
    let transport = Arc::new(ScriptedTransport::new((0..4).map(|_| endless())));
    let client = over(&transport, STEADY);
    let error = client.result(&accepted(&client)).await.unwrap_err();
    assert_eq!((error.kind(), transport.exchanges()), (ErrorKind::Interrupted, 3));
    let error = client.submit(&endpoint(), &input(), &Default::default()).await.unwrap_err();
    assert_eq!((error.recovery(), transport.exchanges()), (Recovery::Reconcile, 4));
}
