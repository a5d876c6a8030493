//! Tokens of OAuth 2.0: a command of the site's own knows whose they are.

use std::{io, process::Stdio, time::Duration};

use thiserror::Error;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::Command,
    sync::Semaphore,
    time::timeout,
};
use tokio_codec::sasl::Secret;
use zeroize::Zeroizing;

/// How long the command may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many of it run at once.
static PLACES: Semaphore = Semaphore::const_new(16);

/// Octets of its answer that are read.
const LONGEST_NAME: u64 = 1_024;

/// The command that is asked whose a token is.
///
/// The shell runs it for each login. On its standard input it hears two lines: the name that the client says, empty where
/// it says none, and the token. It answers by the name of the account as a line on its standard output, and 0. Any other
/// end refuses the login.
#[derive(Debug, Clone)]
pub struct Tokens(String);

/// The command could not be asked.
#[derive(Debug, Error)]
pub enum TokensError {
    /// It cannot be run.
    #[error("cannot run the command for tokens")]
    Command(#[from] io::Error),
    /// It has not ended in time.
    #[error("the command for tokens takes longer than {} s", PATIENCE.as_secs())]
    TimedOut,
}

impl Tokens {
    /// As the shell takes it.
    pub fn new(command: &str) -> Self {
        Self(command.to_owned())
    }

    /// The name of the account whose token this is; `None` where it is nobody's.
    ///
    /// # Errors
    ///
    /// Nobody could tell.
    pub async fn whose(&self, name: Option<&str>, token: &Secret) -> Result<Option<String>, TokensError> {
        let name = name.unwrap_or_default();
        // It would be another line.
        if name.chars().any(char::is_control) {
            return Ok(None);
        }
        let Ok(_place) = PLACES.acquire().await else { return Err(TokensError::TimedOut) };
        let input = Zeroizing::new([name.as_bytes(), b"\n", token.as_bytes(), b"\n"].concat());
        timeout(PATIENCE, self.ask(&input)).await.unwrap_or(Err(TokensError::TimedOut))
    }

    async fn ask(&self, input: &[u8]) -> Result<Option<String>, TokensError> {
        let mut command = Command::new("sh");
        command.args(["-c", &self.0]).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut running = command.spawn()?;
        if let Some(mut stdin) = running.stdin.take() {
            // One that does not read all of it has heard enough.
            let _ = stdin.write_all(input).await;
        }
        let mut said = Vec::new();
        if let Some(stdout) = running.stdout.take() {
            stdout.take(LONGEST_NAME).read_to_end(&mut said).await?;
        }
        if !running.wait().await?.success() {
            return Ok(None);
        }
        let line = said.split(|octet| *octet == b'\n').next().unwrap_or_default();
        Ok(std::str::from_utf8(line).ok().filter(|name| !name.is_empty()).map(str::to_owned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn whose(command: &str, name: Option<&str>) -> Option<String> {
        Tokens::new(command).whose(name, &Secret::copy_from(b"ya29.x")).await.unwrap()
    }

    #[tokio::test]
    async fn a_command_says_whose_a_token_is_and_anything_else_refuses() {
        let check = "read name; read token; test \"$token\" = ya29.x && echo \"$name\"";
        assert_eq!(whose(check, Some("ann")).await.as_deref(), Some("ann"));
        for refused in ["false", "echo ann; exit 1", "true", "echo; echo ann", "exec nothing-of-this-name"] {
            assert_eq!(whose(refused, Some("ann")).await, None, "{refused}");
        }
        assert_eq!(whose("echo ann", Some("bob\nann")).await, None, "a second line");
        assert_eq!(whose("yes", None).await, None, "an answer without end");
        assert_eq!(whose("echo ann", None).await.as_deref(), Some("ann"));
    }
}
