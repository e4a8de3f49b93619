//! Runs of `classify` that are killed and resumed.

use std::fs;
use std::io::{BufWriter, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Numbers that are the same in every run.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, below: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below.max(1)
    }
}

/// A file whose name is that of an output and more.
pub fn beside(output: &Path, ending: &str) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

pub fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |meta| meta.len())
}

pub fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Bytes that the last checkpoint is sure of.
pub fn saved(output: &Path) -> u64 {
    let bytes = fs::read(beside(output, ".checkpoint.json")).unwrap_or_default();
    let checkpoint: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    checkpoint["outputs"][0]["bytes"].as_u64().unwrap_or(0)
}

pub fn rubrique() -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("rubrique"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Waits until `is_time`, or the program ends; says which.
pub fn wait_until(child: &mut Child, mut is_time: impl FnMut(&mut Child) -> bool) -> bool {
    let began = Instant::now();
    loop {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        if is_time(child) {
            return true;
        }
        assert!(began.elapsed() < Duration::from_secs(600), "the program hangs");
        sleep(Duration::from_millis(1));
    }
}

/// What came of a run that was killed again and again.
#[derive(Debug, Default)]
pub struct Killed {
    /// How it ended at last.
    pub status: ExitStatus,
    pub stderr: String,
    /// Kills that ended a run.
    pub kills: u64,
    /// Runs that found a checkpoint to go on from.
    pub resumed: u64,
    /// The most memory that a run was seen to use, in bytes.
    pub peak: u64,
}

/// Runs a command with `--output` and `--resume`, kills it so many times at random moments, and then lets it end. Moments are chosen by
/// what it has written of about `expected` bytes: mostly a number of bytes behind the last checkpoint, sometimes a checkpoint,
/// sometimes soon after its start. Kills that came too late do not count; fails where too many did.
pub fn kill_and_resume(
    command: &mut Command,
    output: &Path,
    expected: u64,
    kills: u64,
    dice: &mut Dice,
) -> Killed {
    let mut out = Killed::default();
    let (partial, checkpoint) = (beside(output, ".partial"), beside(output, ".checkpoint.json"));
    let mut begun = 0;
    loop {
        begun += 1;
        assert!(begun < 10 + 3 * kills, "only {} of {kills} kills took effect", out.kills);
        out.resumed += u64::from(checkpoint.exists());
        let saved = saved(output);
        let mut child = command.spawn().unwrap();
        let memory = |child: &Child| {
            let status = fs::read_to_string(format!("/proc/{}/status", child.id()));
            let status = status.unwrap_or_default();
            let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kilobytes = peak.and_then(|peak| peak.split_whitespace().next()?.parse().ok());
            kilobytes.unwrap_or(0) * 1024
        };
        if out.kills == kills {
            let began = Instant::now();
            while child.try_wait().unwrap().is_none() {
                out.peak = out.peak.max(memory(&child));
                assert!(began.elapsed() < Duration::from_secs(7200), "the program hangs");
                sleep(Duration::from_millis(5));
            }
            let ended = child.wait_with_output().unwrap();
            out.stderr = String::from_utf8_lossy(&ended.stderr).into_owned();
            out.status = ended.status;
            return out;
        }
        // On average, what is left is shared among the kills that are left.
        let left = (expected * 9 / 10).saturating_sub(saved) / (kills - out.kills);
        let late = expected * 19 / 20;
        let bytes = late.min(saved + dice.roll(2 * left));
        let began = Instant::now();
        let soon = Duration::from_millis(dice.roll(300));
        let before = fs::read(&checkpoint).ok();
        let kind = dice.roll(8);
        let is_alive = wait_until(&mut child, |child| {
            out.peak = out.peak.max(memory(child));
            match kind {
                _ if length(&partial) > late => true,
                0 => began.elapsed() >= soon,
                1 | 2 => {
                    let now = fs::read(&checkpoint).ok();
                    now.is_some() && now != before
                }
                _ => length(&partial) > bytes,
            }
        });
        let _ = child.kill();
        let ended = child.wait_with_output().unwrap();
        if !is_alive || ended.status.signal() != Some(9) {
            // It was done before it was killed: that is no kill, and it begins anew.
            let told = String::from_utf8_lossy(&ended.stderr);
            assert!(ended.status.code().is_some_and(|code| code < 2), "{told}");
            fs::remove_file(output).unwrap();
            fs::remove_file(beside(output, ".manifest.json")).unwrap();
            continue;
        }
        assert!(!output.exists(), "half a file under the final name");
        out.kills += 1;
    }
}

/// Writes so many articles, which are those of `pool` (rows without their id) in a random order with other ids; returns which they are.
pub fn generate(path: &Path, header: &str, pool: &[String], articles: u64, seed: u64) {
    let mut out = BufWriter::with_capacity(1 << 20, fs::File::create(path).unwrap());
    writeln!(out, "{header}").unwrap();
    let mut dice = Dice(seed);
    for number in 0..articles {
        let row = &pool[dice.roll(pool.len() as u64) as usize];
        writeln!(out, "a{number},{row}").unwrap();
    }
    out.flush().unwrap();
}

/// The sample articles as rows of CSV, without their ids, and their header.
pub fn sample() -> (String, Vec<String>) {
    let mut reader = csv::Reader::from_path("data/articles.csv").unwrap();
    let header = reader.headers().unwrap().iter().collect::<Vec<_>>().join(",");
    let row = |record: csv::StringRecord| {
        let mut out = csv::WriterBuilder::new().from_writer(Vec::new());
        out.write_record(record.iter().skip(1)).unwrap();
        String::from_utf8(out.into_inner().unwrap()).unwrap().trim_end().to_owned()
    };
    (header, reader.records().map(|record| row(record.unwrap())).collect())
}
