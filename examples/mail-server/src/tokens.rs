//! Tokens of OAuth 2.0: a command of the site's own knows whose they are.

use std::{fmt, io, process::Stdio, time::Duration};

use rustix::process::{Pid, Signal, kill_process_group};
use thiserror::Error;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, Command},
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
#[derive(Clone)]
pub struct Tokens(String);

/// Without the command, in which a secret may stand.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(..)")
    }
}

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
        let mut running = command.process_group(0).spawn()?;
        let mut group = Group::of(&running);
        if let Some(mut stdin) = running.stdin.take() {
            // One that does not read all of it has heard enough.
            let _ = stdin.write_all(input).await;
        }
        let mut said = Vec::new();
        if let Some(stdout) = running.stdout.take() {
            stdout.take(LONGEST_NAME).read_to_end(&mut said).await?;
        }
        let status = running.wait().await?;
        // What it has left behind on purpose may stay.
        group.0 = None;
        if !status.success() {
            return Ok(None);
        }
        let line = said.split(|octet| *octet == b'\n').next().unwrap_or_default();
        Ok(std::str::from_utf8(line).ok().filter(|name| !name.is_empty()).map(str::to_owned))
    }
}

/// The command with all that it has started, which dies with it when nobody waits any longer.
struct Group(Option<Pid>);

impl Group {
    fn of(running: &Child) -> Self {
        Self(running.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // What has ended meanwhile is no failure.
            let _ = kill_process_group(group, Signal::KILL);
        }
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

    #[test]
    fn a_secret_in_the_command_is_not_shown() {
        assert_eq!(format!("{:?}", Tokens::new("curl -u id:hunter2")), "Tokens(..)");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_command_that_hangs_leaves_nothing_running() {
        use std::fs;
        let told = std::env::temp_dir().join(format!("mail-server-tokens-{}", std::process::id()));
        let hangs = format!("sleep 60 & echo $! > {}; wait", told.display());
        let (tokens, token) = (Tokens::new(&hangs), Secret::copy_from(b"ya29.x"));
        let soon = || tokio::time::sleep(Duration::from_millis(20));
        let started = async {
            loop {
                match fs::read_to_string(&told).ok().and_then(|id| id.trim().parse::<u32>().ok()) {
                    Some(id) => break id,
                    None => soon().await,
                }
            }
        };
        let id = tokio::select! {
            said = tokens.whose(Some("ann"), &token) => panic!("{said:?}"),
            id = started => id,
        };
        fs::remove_file(&told).unwrap();
        // Of one that was killed, and that nobody has asked about yet, a row may stay.
        let stat = format!("/proc/{id}/stat");
        for _ in 0..100 {
            if fs::read_to_string(&stat).map_or(true, |stat| stat.contains(") Z ")) {
                return;
            }
            soon().await;
        }
        panic!("{id} still runs");
    }
}
