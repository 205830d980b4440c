//! Clients that take their time, over raw sockets, while others go on with theirs.

use std::time::{Duration, Instant};

use foldback_model::{Event, Sequence};
use foldback_proxy::{
    app::Limits,
    edge::limits::{Rate, Times},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::timeout,
};

use crate::stage::{Operator, PATIENCE, Stage};

/// Slow clients at once.
const MANY: usize = 100;

/// Slow readers at once: what they are to read is written for each of them, which is work too.
const READERS: usize = 20;

/// What a request of somebody else may take at the 99th percentile.
const QUICK: Duration = Duration::from_millis(50);

/// How long slow clients are waited for in these tests.
const SHORT: Duration = Duration::from_secs(1);

/// Far from being the reason for anything.
const LONG: Duration = Duration::from_mins(1);

const PATIENT: Times = Times { first_byte: LONG, head: LONG, body: LONG, write: LONG, idle: LONG };

/// Whoever is measured asks as often as it can.
fn limits(times: Times) -> Limits {
    let session = Rate { per_second: 1_000_000, at_once: 1_000_000 };
    Limits { times, session, ..Limits::default() }
}

async fn stage(times: Times) -> Stage {
    Stage::limited(limits(times)).await
}

async fn connect(stage: &Stage) -> TcpStream {
    TcpStream::connect(stage.base.strip_prefix("http://").unwrap()).await.unwrap()
}

/// What came until the other side closed, and when that was.
async fn closed(socket: &mut TcpStream, since: Instant) -> (String, Duration) {
    let mut answer = Vec::new();
    let read = timeout(PATIENCE, socket.read_to_end(&mut answer)).await.expect("it stays open");
    drop(read);
    (String::from_utf8_lossy(&answer).into_owned(), since.elapsed())
}

/// What each of many clients got to see, and that it was closed after `SHORT` and not long after.
async fn all_closed(sockets: Vec<TcpStream>, since: Instant) -> Vec<String> {
    let mut clients = JoinSet::new();
    for mut socket in sockets {
        clients.spawn(async move { closed(&mut socket, since).await });
    }
    let mut answers = Vec::new();
    for (answer, after) in clients.join_all().await {
        assert!(after >= SHORT && after < SHORT * 5, "closed after {after:?}");
        answers.push(answer);
    }
    answers
}

/// The 99th percentile of what somebody's requests take.
async fn requests(operator: &Operator) -> Duration {
    let mut took = Vec::new();
    for _ in 0..100 {
        let since = Instant::now();
        assert_eq!(operator.get("/foldback/v1/calls").await.status(), 200);
        took.push(since.elapsed());
    }
    took.sort_unstable();
    took[took.len() * 99 / 100]
}

/// The same while there are slow clients: the best of some rounds, since whatever else the machine does
/// strikes some of them, and slow clients strike all.
async fn meanwhile(operator: &Operator) -> Duration {
    let since = Instant::now();
    let mut best = requests(operator).await;
    while since.elapsed() < SHORT / 2 {
        best = best.min(requests(operator).await);
    }
    best
}

/// What is quick here and now: 50 ms, unless it takes longer without slow clients too.
async fn quick_enough(operator: &Operator) -> Duration {
    QUICK.max(requests(operator).await * 2)
}

fn counted(stage: &Stage, kind: &str, times: usize) -> bool {
    let line = format!("foldback_connections_closed_total{{kind=\"{kind}\"}} {times}\n");
    stage.demo.server.app.metrics.text().unwrap().contains(&line)
}

#[tokio::test]
async fn no_byte() {
    let stage = stage(Times { first_byte: SHORT, ..PATIENT }).await;
    let operator = stage.operator().await;
    let enough = quick_enough(&operator).await;
    let mut sockets = Vec::new();
    let since = Instant::now();
    for _ in 0..MANY {
        sockets.push(connect(&stage).await);
    }
    let (quick, answers) = tokio::join!(meanwhile(&operator), all_closed(sockets, since));
    assert!(answers.iter().all(String::is_empty));
    assert!(counted(&stage, "noByte", MANY));
    assert!(quick < enough, "{quick:?}, not {enough:?}");
}

#[tokio::test]
async fn slow_header() {
    let stage = stage(Times { head: SHORT, ..PATIENT }).await;
    let operator = stage.operator().await;
    let enough = quick_enough(&operator).await;
    let mut sockets = Vec::new();
    let since = Instant::now();
    for number in 0..MANY {
        let mut socket = connect(&stage).await;
        let begun = if number % 2 == 0 { "G" } else { "GET / HTTP/1.1\r\nHost: x\r\nA: " };
        socket.write_all(begun.as_bytes()).await.unwrap();
        sockets.push(socket);
    }
    // A byte now and then buys no time.
    let drip = async {
        let mut socket = connect(&stage).await;
        let since = Instant::now();
        socket.write_all(b"GET / HTTP/1.1\r\nA: ").await.unwrap();
        let mut tick = tokio::time::interval(SHORT / 8);
        loop {
            tick.tick().await;
            if socket.write_all(b"a").await.is_err() || since.elapsed() > LONG {
                return since.elapsed();
            }
        }
    };
    let (quick, answers, dripped) =
        tokio::join!(meanwhile(&operator), all_closed(sockets, since), drip);
    assert!(answers.iter().all(String::is_empty));
    assert!(dripped >= SHORT && dripped < SHORT * 5, "{dripped:?}");
    assert!(quick < enough, "{quick:?}, not {enough:?}");
    // A second request on a connection is held to the same.
    let mut socket = connect(&stage).await;
    let host = stage.base.strip_prefix("http://").unwrap();
    let whole = format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\nGET /heal");
    socket.write_all(whole.as_bytes()).await.unwrap();
    let mut first = [0; 17];
    socket.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK\r\n");
    let since = Instant::now();
    socket.write_all(b"t").await.unwrap();
    let (rest, after) = closed(&mut socket, since).await;
    assert!(after >= SHORT / 2 && after < SHORT * 5, "{after:?}");
    assert!(!rest.contains("HTTP/1.1"), "{rest}");
}

#[tokio::test]
async fn slow_body() {
    let stage = stage(Times { body: SHORT, ..PATIENT }).await;
    let operator = stage.operator().await;
    let enough = quick_enough(&operator).await;
    let host = stage.base.strip_prefix("http://").unwrap().to_owned();
    let mut sockets = Vec::new();
    let since = Instant::now();
    for number in 0..MANY {
        let mut socket = connect(&stage).await;
        let length =
            if number % 2 == 0 { "Content-Length: 100" } else { "Transfer-Encoding: chunked" };
        let head = format!(
            "POST /foldback/v1/calls HTTP/1.1\r\nHost: {host}\r\nCookie: {}\r\n\
             Sec-Fetch-Site: same-origin\r\n{length}\r\n\r\n",
            operator.cookie
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        socket.write_all(if number % 2 == 0 { b"{" } else { b"1\r\n{\r\n" }).await.unwrap();
        sockets.push(socket);
    }
    let (quick, answers) = tokio::join!(meanwhile(&operator), all_closed(sockets, since));
    for answer in answers {
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("was not there within 1s"), "{answer}");
    }
    assert!(quick < enough, "{quick:?}, not {enough:?}");
}

#[tokio::test]
async fn slow_reader() {
    let limits =
        Limits { streams_per_session: READERS + 1, ..limits(Times { write: SHORT, ..PATIENT }) };
    let stage = Stage::limited(limits).await;
    let operator = stage.operator().await;
    let enough = quick_enough(&operator).await;
    let start = operator.snapshot().await;
    let host = stage.base.strip_prefix("http://").unwrap().to_owned();
    let mut sockets = Vec::new();
    for _ in 0..READERS {
        let socket = TcpSocket::new_v4().unwrap();
        // What the system takes in their stead is not much.
        socket.set_recv_buffer_size(4_096).unwrap();
        let mut socket = socket.connect(host.parse().unwrap()).await.unwrap();
        let head = format!(
            "GET /foldback/v1/calls/graph.{}/events?after={} HTTP/1.1\r\nHost: {host}\r\nCookie: {}\r\n\r\n",
            stage.service.call, start.sequence, operator.cookie
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut begun = [0; 17];
        socket.read_exact(&mut begun).await.unwrap();
        assert_eq!(&begun, b"HTTP/1.1 200 OK\r\n");
        sockets.push(socket);
    }
    let mut reader = operator.stream(start.sequence).await;
    let streams = || stage.demo.server.app.metrics.streams.get();
    assert_eq!(streams(), i64::try_from(READERS).unwrap() + 1);
    // More than all buffers on the way hold, for people who read and people who do not.
    let call = &stage.demo.call;
    let mut last = Sequence(0);
    for turn in 0..60_u32 {
        let participants = start.roster.iter().map(|person| foldback_model::Participant {
            name: format!("{} {turn}", person.name),
            roster_sequence: Some(1_000 + u64::from(turn)),
            ..person.clone()
        });
        let event = Event::ParticipantsChanged {
            participants: participants.collect(),
            roster_sequence: None,
        };
        let facts = call.append_one(foldback_model::By::Service, event).await.unwrap();
        last = facts.last().unwrap().sequence;
    }
    let since = Instant::now();
    let gone = async {
        while streams() > 1 {
            assert!(since.elapsed() < PATIENCE, "{} are left", streams());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        since.elapsed()
    };
    let (quick, after, facts) = tokio::join!(meanwhile(&operator), gone, reader.facts_to(last));
    assert!(after < SHORT * 5, "{after:?}");
    assert_eq!(facts.len(), 60, "whoever reads gets everything");
    assert!(counted(&stage, "slowReader", READERS));
    assert!(quick < enough, "{quick:?}, not {enough:?}");
    drop(sockets);
}

#[tokio::test]
async fn idle() {
    let stage = stage(Times { idle: SHORT, ..PATIENT }).await;
    let operator = stage.operator().await;
    let host = stage.base.strip_prefix("http://").unwrap().to_owned();
    // Some are answered at once, and some while hyper waits for more of them.
    let one = |path: &str| {
        let cookie = &operator.cookie;
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n")
    };
    let call = format!("/foldback/v1/calls/graph.{}", stage.service.call);
    let audit = format!("{call}/audit");
    let asked = ["/healthz", "/foldback/v1/calls", &call, &audit].map(one);
    let mut sockets = Vec::new();
    let since = Instant::now();
    for number in 0..MANY {
        let mut socket = connect(&stage).await;
        socket.write_all(asked[number % asked.len()].as_bytes()).await.unwrap();
        sockets.push(socket);
    }
    let busy = async {
        let mut socket = connect(&stage).await;
        let mut tick = tokio::time::interval(SHORT / 2);
        for _ in 0..6 {
            tick.tick().await;
            socket.write_all(one("/healthz").as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            while !answer.ends_with(b"\r\n\r\n") {
                assert!(socket.read_buf(&mut answer).await.unwrap() > 0, "it is closed");
            }
            assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
        }
        assert!(since.elapsed() > SHORT * 2);
    };
    let (answers, ()) = tokio::join!(all_closed(sockets, since), busy);
    for answer in answers {
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
    // Those of whoever signed in are idle too.
    assert!((MANY..MANY + 4).any(|times| counted(&stage, "idle", times)));
}
