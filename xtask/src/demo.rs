//! `cargo xtask demo`: everything installed and built, then `foldback demo`.

use std::process::ExitCode;

use anyhow::Result;

use crate::{panel, paths, run};

/// Builds and starts the demo; arguments go to `foldback demo`, on top of the default address.
///
/// # Errors
/// When something does not build or the demo cannot be started.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let arguments = plain(arguments);
    panel::build()?;
    panel::build_release()?;
    let mut demo = run::program(paths::foldback("release"));
    demo.arg("demo");
    if !arguments.iter().any(|it| it == "--addr" || it.starts_with("--addr=")) {
        demo.args(["--addr", "127.0.0.1:8080"]);
    }
    demo.args(arguments);
    become_it(demo)
}

/// The arguments without the `--` that many put before those meant for the program behind.
fn plain(arguments: &[String]) -> &[String] {
    match arguments {
        [first, rest @ ..] if first == "--" => rest,
        all => all,
    }
}

/// Turns this process into the demo, so that Ctrl-C and signals reach it alone and its exit code is
/// the caller's.
#[cfg(unix)]
fn become_it(mut demo: std::process::Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    Err(anyhow::Error::new(demo.exec()).context("cannot start foldback demo"))
}

#[cfg(not(unix))]
fn become_it(mut demo: std::process::Command) -> Result<ExitCode> {
    let code = demo.status()?.code().and_then(|it| u8::try_from(it).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn arguments_with_and_without_dashes_before_them() {
        let given = |all: &[&str]| all.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
        let wanted = given(&["--addr", "127.0.0.1:0"]);
        assert_eq!(plain(&given(&["--", "--addr", "127.0.0.1:0"])), wanted);
        assert_eq!(plain(&wanted), wanted);
        assert!(plain(&given(&["--"])).is_empty() && plain(&[]).is_empty());
    }
}
