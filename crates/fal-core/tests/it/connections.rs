//! How many connections, over what protocol, through what proxy, and to what backup.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use fal_core::{
    Credentials, Delivery, ErrorKind, FalApi, FalClient, HostClass, Hosts, HttpTransport, Proxy, Recovery,
    ResponseBody, RetryPolicy, TransportConfig,
};
use futures::future::join_all;
use futures::{StreamExt, TryStreamExt, stream};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep};

use crate::fal_at::{QUICK, accepted, config, config_of_fal, endpoint, input, over, over_with};
use crate::raw_server::{Act, RawServer, answer};
use crate::scripted::{Exchange, ScriptedTransport, answered, failed};

/// Takes a second for each answer and counts how many are asked of it at the same time.
#[derive(Debug, Default)]
struct Slow {
    now: AtomicUsize,
    most: AtomicUsize,
}

#[async_trait::async_trait]
impl HttpTransport for Slow {
    async fn send(&self, _: http::Request<Bytes>) -> Exchange {
        self.most.fetch_max(self.now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        sleep(Duration::from_secs(1)).await;
        self.now.fetch_sub(1, Ordering::SeqCst);
        answered(202, r#"{"status":"IN_QUEUE"}"#)
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_than_twenty_calls_to_a_host_are_under_way_and_the_rest_wait() {
    for (settings, most) in
        [(TransportConfig::default(), 20), (TransportConfig { connections: 0, ..TransportConfig::default() }, 1)]
    {
        let transport = Arc::new(Slow::default());
        let client = over_with(&transport, config_of_fal().with_transport(settings));
        let began = Instant::now();
        let handle = accepted(&client);
        let all = join_all((0..3 * most).map(|_| client.status(&handle))).await;
        assert!(all.iter().all(Result::is_ok));
        assert_eq!((transport.most.load(Ordering::SeqCst), began.elapsed()), (most, Duration::from_secs(3)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_being_read_counts_until_it_ends_or_is_dropped() {
    let transport = Arc::new(ScriptedTransport::new((0..4).map(|_| answered(200, "film"))));
    let settings = TransportConfig { connections: 1, ..TransportConfig::default() };
    let retry = RetryPolicy { deadline: Duration::from_secs(9), ..QUICK };
    let client = over_with(&transport, config_of_fal().with_transport(settings).with_retry(retry));
    let file = || client.download("https://v3.fal.media/v.mp4");
    let mut read = file().await.unwrap().body;
    let error = file().await.unwrap_err();
    assert_eq!((error.kind(), error.recovery(), transport.exchanges()), (ErrorKind::Unreachable, Recovery::Later, 1));
    while read.try_next().await.unwrap().is_some() {}
    drop(file().await.unwrap());
    file().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_stalls_is_asked_for_anew_after_thirty_seconds_and_given_up_in_the_end() {
    let stalls = || {
        let first = stream::iter([Ok(Bytes::from_static(b"film"))]);
        Ok(http::Response::new(ResponseBody::new(first.chain(stream::pending()))))
    };
    let transport = Arc::new(ScriptedTransport::new([stalls(), stalls(), stalls()]));
    let mut body = over(&transport, QUICK).download("https://v3.fal.media/v.mp4").await.unwrap().body;
    assert_eq!(body.try_next().await.unwrap().unwrap(), "film");
    // A reader who takes his time is not a stall.
    sleep(Duration::from_secs(999)).await;
    let began = Instant::now();
    let error = body.try_next().await.unwrap_err();
    let stalled = began.elapsed();
    assert!((Duration::from_secs(90)..Duration::from_secs(92)).contains(&stalled), "{stalled:?}");
    assert_eq!((error.delivery(), transport.exchanges()), (Delivery::Unknown, 3));
    assert_eq!(error.to_string(), "nothing came for 30 s");
}

#[tokio::test(start_paused = true)]
async fn a_file_is_asked_for_again_until_it_begins_to_come() {
    let transport =
        Arc::new(ScriptedTransport::new([failed(Delivery::Unknown), answered(503, ""), answered(200, "film")]));
    let download = over(&transport, QUICK).download("https://v3.fal.media/v.mp4").await.unwrap();
    assert_eq!(download.body.collect(9).await.unwrap(), "film");
}

#[tokio::test(start_paused = true)]
async fn fals_backup_domain_is_asked_when_its_own_cannot_be_connected() {
    let taken = || answered(200, r#"{"request_id":"r-1"}"#);
    let transport = Arc::new(ScriptedTransport::new([
        failed(Delivery::NotSent),
        taken(),
        answered(202, r#"{"status":"IN_QUEUE"}"#),
    ]));
    let client = over(&transport, QUICK);
    let handle = client.submit(&endpoint(), &input(), &Default::default()).await.unwrap();
    client.status(&handle).await.unwrap();
    assert_eq!(transport.hosts(), ["queue.fal.run", "queue.falrun.com", "queue.fal.run"]);
    assert!(transport.requests().iter().all(|request| request.headers().contains_key("authorization")));
}

#[tokio::test(start_paused = true)]
async fn the_backup_domain_is_no_second_chance_for_a_submit_that_may_have_arrived() {
    for (script, hosts, kind) in [
        (vec![Delivery::Unknown], vec!["queue.fal.run"], ErrorKind::Unconfirmed),
        (vec![Delivery::NotSent, Delivery::Unknown], vec!["queue.fal.run", "queue.falrun.com"], ErrorKind::Unconfirmed),
        (vec![Delivery::NotSent; 6], ["queue.fal.run", "queue.falrun.com"].repeat(3), ErrorKind::Unreachable),
    ] {
        let transport = Arc::new(ScriptedTransport::new(script.into_iter().map(failed)));
        let error = over(&transport, QUICK).submit(&endpoint(), &input(), &Default::default()).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert_eq!(transport.hosts(), hosts);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_fals_own_host_is_never_sought_elsewhere_and_a_custom_host_has_no_backup() {
    let transport = Arc::new(ScriptedTransport::new([answered(503, ""), answered(502, ""), answered(504, "")]));
    let client = over(&transport, QUICK);
    client.status(&accepted(&client)).await.unwrap_err();
    assert_eq!(transport.hosts(), ["queue.fal.run"; 3]);

    let transport = Arc::new(ScriptedTransport::new((0..3).map(|_| failed(Delivery::NotSent))));
    let hosts = Hosts::default().with(HostClass::Queue, "https://proxy.example").unwrap();
    let client = over_with(&transport, config_of_fal().with_retry(QUICK).with_hosts(hosts));
    client.submit(&endpoint(), &input(), &Default::default()).await.unwrap_err();
    assert_eq!(transport.hosts(), ["proxy.example"; 3]);
}

#[tokio::test]
async fn connections_are_kept_and_used_again() {
    let queued = Act::Answer(answer("202 Accepted", "", r#"{"status":"IN_QUEUE"}"#));
    let server = RawServer::start([queued]).await;
    let client = FalClient::new(config(&server.base())).unwrap();
    for _ in 0..9 {
        client.status(&accepted(&client)).await.unwrap();
    }
    assert_eq!((server.requests(9).await.len(), server.connections(1).await), (9, 1));
}

#[tokio::test]
async fn http_2_is_offered_first() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("https://{}", listener.local_addr().unwrap());
    let once = RetryPolicy { max_attempts: 1, ..QUICK };
    let client = FalClient::new(config(&base).with_retry(once)).unwrap();
    let hello = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut hello = vec![0; 4096];
        let length = socket.read(&mut hello).await.unwrap();
        hello.truncate(length);
        hello
    };
    let handle = accepted(&client);
    let (hello, _) = tokio::join!(hello, client.status(&handle));
    // The protocols that TLS is asked to agree on, in the order of preference.
    let offer = b"\x02h2\x08http/1.1";
    assert!(hello.windows(offer.len()).any(|window| window == offer), "{}", String::from_utf8_lossy(&hello));
}

/// A client of a port where nobody listens, which is not taken for an address of this machine.
fn client_of_nobody(proxy: Proxy) -> FalClient {
    let hosts = Hosts::default().with(HostClass::Queue, "https://0.0.0.0:1").unwrap();
    let settings = TransportConfig { proxy, user_agent: "me/1".to_owned(), ..TransportConfig::default() };
    FalClient::new(config_of_fal().with_hosts(hosts).with_retry(QUICK).with_transport(settings)).unwrap()
}

#[tokio::test]
async fn a_proxy_is_used_when_it_is_named_and_gets_neither_key_nor_input() {
    let server = RawServer::start([Act::AnswerAndClose(answer("502 Bad Gateway", "", ""))]).await;
    let address = server.base().replace("http://", "http://me:pa55@");
    let client = client_of_nobody(Proxy::at(&address).unwrap());
    let error = client.submit(&endpoint(), &input(), &Default::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable, "a tunnel that was never made has brought nothing to fal");
    let requests = server.requests(3).await;
    assert_eq!(requests.len(), 3);
    for request in requests {
        assert!(request.starts_with("CONNECT 0.0.0.0:1 HTTP/1.1\r\n"), "{request}");
        assert!(request.to_ascii_lowercase().contains("proxy-authorization: basic bwu6cge1nq=="), "{request}");
        assert!(!request.contains("s3cret") && !request.contains("slow zoom in"), "{request}");
    }
    assert!(!format!("{error} {error:?} {client:?}").contains("pa55"));
}

#[tokio::test]
async fn a_host_that_does_not_listen_is_unreachable() {
    let error = client_of_nobody(Proxy::None).submit(&endpoint(), &input(), &Default::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable);
}

#[tokio::test]
async fn a_host_that_does_not_listen_is_unreachable_through_the_environments_proxy() {
    let error =
        client_of_nobody(Proxy::Environment).submit(&endpoint(), &input(), &Default::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable);
}

#[tokio::test]
async fn the_environments_proxy_is_used_only_by_those_who_ask_for_it() {
    let proxy = RawServer::start([Act::AnswerAndClose(answer("502 Bad Gateway", "", ""))]).await;
    // The environment of a process cannot be changed safely while it runs, so that another one runs the two tests above.
    let run = |test: &str| {
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", test]).env("HTTPS_PROXY", proxy.base()).env_remove("NO_PROXY").env_remove("no_proxy");
        tokio::task::spawn_blocking(move || command.output().unwrap().status.success())
    };
    assert!(run("connections::a_host_that_does_not_listen_is_unreachable").await.unwrap());
    assert_eq!(proxy.connections(0).await, 0);
    assert!(
        run("connections::a_host_that_does_not_listen_is_unreachable_through_the_environments_proxy").await.unwrap()
    );
    assert_eq!(proxy.connections(3).await, 3);
}

#[tokio::test]
async fn the_client_gives_its_name_and_its_credentials_as_it_is_told() {
    let queued = Act::Answer(answer("202 Accepted", "", r#"{"status":"IN_QUEUE"}"#));
    let server = RawServer::start([queued]).await;
    let settings = TransportConfig { user_agent: "studio/7".to_owned(), ..TransportConfig::default() };
    let mut config = config(&server.base()).with_transport(settings);
    config.credentials = Credentials::bearer(" t0ken\n").unwrap();
    let client = FalClient::new(config).unwrap();
    client.status(&accepted(&client)).await.unwrap();
    let request = server.requests(1).await.remove(0);
    assert!(
        request.contains("user-agent: studio/7\r\n") && request.contains("authorization: Bearer t0ken\r\n"),
        "{request}"
    );
}

#[tokio::test]
async fn what_cannot_be_set_up_is_refused_before_anything_is_sent() {
    let settings = TransportConfig { user_agent: "line\nbreak".to_owned(), ..TransportConfig::default() };
    let error = FalClient::new(config_of_fal().with_transport(settings)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
}
