//! Running other programs: quiet when they succeed, complete when they fail.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Command, ExitStatus, Stdio},
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::paths;

/// Prints one line (or a few) to the person who called.
#[expect(clippy::print_stdout, reason = "this program's output is its text")]
pub fn say(text: impl AsRef<str>) {
    println!("{}", text.as_ref());
}

/// A program to be run in the workspace's root.
pub fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(paths::root());
    // What `cargo run` tells this program about itself would look like a change to a nested Cargo.
    for (key, _) in std::env::vars_os() {
        let text = key.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&key);
        }
    }
    command
}

/// Cargo in the workspace's root, of the pinned toolchain.
pub fn cargo() -> Command {
    program("cargo")
}

/// Runs to the end with output passed through.
///
/// # Errors
/// When the program cannot be started or does not end well.
pub fn loud(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", name(command)))?;
    ended_well(command, status)
}

/// Runs to the end and returns standard output; standard error is shown only on failure.
///
/// # Errors
/// When the program cannot be started or does not end well.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", name(command)))?;
    if !output.status.success() {
        bail!(
            "{} ended with {}\n{}{}",
            name(command),
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs to the end, shows the lines of both outputs that `wanted` keeps, and returns all lines.
/// Says every half minute that it is still at work.
///
/// # Errors
/// When the program cannot be started; how it ended is in the answer.
pub fn filtered(
    command: &mut Command,
    wanted: fn(&str) -> bool,
) -> Result<(ExitStatus, Vec<String>)> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", name(command)))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let log = Log { started: Instant::now(), state: Mutex::default(), wanted };
    thread::scope(|scope| {
        scope.spawn(|| log.follow(stdout));
        scope.spawn(|| log.follow(stderr));
    });
    let status = child.wait().with_context(|| format!("lost {}", name(command)))?;
    let state = log.state.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    Ok((status, state.lines))
}

/// Holds a lock on a file until it is dropped, so that runs at the same time follow one another.
///
/// # Errors
/// When the file cannot be made or the system knows no locks.
pub fn lock(file: &Path) -> Result<File> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let lock = File::create(file).with_context(|| format!("cannot make {}", file.display()))?;
    if lock.try_lock().is_err() {
        say("waiting for another run to finish the same work");
        lock.lock().with_context(|| format!("cannot lock {}", file.display()))?;
    }
    Ok(lock)
}

/// Whether a line of Cargo or of a test runner says something that a person has to read.
pub fn noteworthy(line: &str) -> bool {
    const NOISE: [&str; 16] = [
        "Compiling ",
        "Checking ",
        "Downloading ",
        "Downloaded ",
        "Finished ",
        "Running ",
        "Fresh ",
        "Updating ",
        "Locking ",
        "Adding ",
        "Blocking ",
        "Doc-tests ",
        "Executable ",
        "Building ",
        "running ",
        "Installing ",
    ];
    let text = line.trim();
    let passed = text.starts_with("test ") && text.ends_with("ok");
    let empty_run = text.starts_with("test result: ok. 0 passed; 0 failed; 0 ignored");
    let noise = text.is_empty() || NOISE.iter().any(|noise| text.starts_with(noise));
    !(noise || passed || empty_run)
}

struct Log {
    started: Instant,
    state: Mutex<State>,
    wanted: fn(&str) -> bool,
}

#[derive(Default)]
struct State {
    lines: Vec<String>,
    spoke_at: Duration,
}

impl Log {
    const PATIENCE: Duration = Duration::from_secs(30);

    fn follow(&self, pipe: Option<impl Read>) {
        let Some(pipe) = pipe else { return };
        let mut pipe = BufReader::new(pipe);
        let mut bytes = Vec::new();
        // A read error means the pipe is gone; the exit status tells the rest.
        while matches!(pipe.read_until(b'\n', &mut bytes), Ok(length) if length > 0) {
            let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
            bytes.clear();
            let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let now = self.started.elapsed();
            if (self.wanted)(&line) {
                say(&line);
                state.spoke_at = now;
            } else if now.saturating_sub(state.spoke_at) > Self::PATIENCE {
                say(format!("… {} s: {}", now.as_secs(), line.trim()));
                state.spoke_at = now;
            }
            state.lines.push(line);
        }
    }
}

fn ended_well(command: &Command, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("{} ended with {status}", name(command));
    }
    Ok(())
}

fn name(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().take(4).map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_dropped_and_news_is_kept() {
        assert!(!noteworthy("   Compiling serde v1.0.0"));
        assert!(!noteworthy("test mixer::levels ... ok"));
        assert!(noteworthy("test mixer::levels ... FAILED"));
        assert!(noteworthy("test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured"));
        assert!(noteworthy("warning: unused variable"));
        assert!(noteworthy("error[E0308]: mismatched types"));
    }

    #[test]
    fn every_line_of_both_outputs_is_kept() {
        let mut command = program("sh");
        command.args(["-c", "echo one; echo two >&2; exit 3"]);
        let (status, mut lines) = filtered(&mut command, |_| false).unwrap();
        lines.sort();
        assert_eq!((status.code(), lines), (Some(3), vec!["one".to_owned(), "two".to_owned()]));
    }
}
