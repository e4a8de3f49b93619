//! What a run read, how, and what came out, as a file beside its results.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use rubrique::Classifier;
use rubrique::corpus::InputDigest;
use serde::{Deserialize, Serialize};

use super::counts::Counts;
use super::settings::{Settings, changes};

/// The version of the file's format.
const FORMAT_VERSION: u32 = 1;

/// A run. As long as it has not finished, this is its checkpoint: what was read and written so far.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub format_version: u32,
    pub command: String,
    /// The version of the program.
    pub version: String,
    /// When it began and ended, in UTC (RFC 3339).
    pub started: String,
    pub finished: Option<String>,
    /// How many times it was interrupted and went on.
    pub resumed: u64,
    /// The model that was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<UsedModel>,
    /// The settings that decide on the results.
    pub settings: Settings,
    pub inputs: Vec<InputDigest>,
    pub outputs: Vec<OutputDigest>,
    /// Articles that were read.
    pub rows: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<Counts>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct UsedModel {
    name: String,
    /// As `inspect` tells it.
    sha256: String,
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct OutputDigest {
    pub path: String,
    pub bytes: u64,
    pub blake3: String,
}

impl OutputDigest {
    /// Reads a file that was written.
    pub(crate) fn of(path: &Path) -> Result<Self> {
        let told = || path.display().to_string();
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(File::open(path).with_context(told)?).with_context(told)?;
        Ok(Self::new(path, &hasher))
    }

    /// Of a file whose bytes were digested.
    pub(crate) fn new(path: &Path, hasher: &blake3::Hasher) -> Self {
        let blake3 = hasher.finalize().to_hex().to_string();
        Self { path: path.display().to_string(), bytes: hasher.count(), blake3 }
    }
}

impl Manifest {
    /// Of a run that begins now.
    pub(crate) fn begin(command: &str, settings: Settings) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            command: command.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started: now(),
            finished: None,
            resumed: 0,
            model: None,
            settings,
            inputs: Vec::new(),
            outputs: Vec::new(),
            rows: 0,
            counts: None,
        }
    }

    /// By this model.
    pub(crate) fn with_model(mut self, name: &str, classifier: &Classifier) -> Result<Self> {
        let sha256 = classifier.digest()?.to_string();
        self.model = Some(UsedModel { name: name.to_owned(), sha256 });
        Ok(self)
    }

    /// It ends now.
    pub(crate) fn finish(&mut self) {
        self.finished = Some(now());
    }

    /// Writes what a run that ends now read and wrote.
    pub(crate) fn write_beside(
        mut self,
        path: &Path,
        inputs: Vec<InputDigest>,
        rows: u64,
        outputs: &[&Path],
    ) -> Result<()> {
        self.inputs = inputs;
        self.rows = rows;
        self.outputs = outputs.iter().map(|path| OutputDigest::of(path)).collect::<Result<_>>()?;
        self.finish();
        self.save(path).with_context(|| path.display().to_string())
    }

    /// What is not the same in another run of the same command, in words.
    pub(crate) fn changes(&self, now: &Self) -> Vec<String> {
        let mut out = Vec::new();
        if self.version != now.version {
            let (before, now) = (&self.version, &now.version);
            out.push(format!("rubrique was version {before} and is {now}"));
        }
        let digest = |run: &Self| run.model.as_ref().map(|model| model.sha256.clone());
        if digest(self) != digest(now) {
            let name = |run: &Self| run.model.as_ref().map_or("none", |m| &m.name).to_owned();
            let (before, now) = (name(self), name(now));
            out.push(match before == now {
                true => format!("{now} has changed"),
                false => format!("the model was {before} and is {now}"),
            });
        }
        out.extend(changes(&self.settings, &now.settings));
        out
    }

    /// Reads a file that [`save`](Self::save) wrote; `None` where there is none.
    pub(crate) fn load(path: &Path) -> Result<Option<Self>> {
        let bytes = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read.with_context(|| path.display().to_string())?,
        };
        let manifest: Self = serde_json::from_slice(&bytes).with_context(|| {
            format!("{}: this is none of our files, or is damaged", path.display())
        })?;
        anyhow::ensure!(
            manifest.format_version == FORMAT_VERSION,
            "{}: it has format version {}, and this version of rubrique knows {FORMAT_VERSION}",
            path.display(),
            manifest.format_version
        );
        Ok(Some(manifest))
    }

    /// Writes it so that the file is the one before or this one, whenever the program or the machine stops.
    pub(crate) fn save(&self, path: &Path) -> io::Result<()> {
        let mut json = serde_json::to_vec_pretty(self)?;
        json.push(b'\n');
        // Always the same name, so that a program that was killed leaves no more than one behind.
        let new = with_ending(path, ".new");
        let mut file = File::create(&new)?;
        file.write_all(&json)?;
        file.sync_data()?;
        fs::rename(&new, path)
    }
}

/// `name.csv` with `.manifest.json` is `name.csv.manifest.json`.
pub(crate) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// A file that was read at once, such as a shard of counts.
pub(crate) fn read_whole(path: &Path) -> Result<InputDigest> {
    let OutputDigest { path, bytes, blake3 } = OutputDigest::of(path)?;
    Ok(InputDigest { path, files: None, bytes, whole: true, blake3 })
}

/// Settings of the library, as they are.
pub(crate) fn settings_of(settings: &impl Serialize) -> Result<Settings> {
    match serde_json::to_value(settings)? {
        serde_json::Value::Object(mut settings) => {
            settings.retain(|_, value| !value.is_null());
            Ok(settings)
        }
        _ => Ok(Settings::new()),
    }
}

/// The manifest beside a file.
pub(crate) fn beside(path: &Path) -> PathBuf {
    with_ending(path, ".manifest.json")
}

fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or_default();
    jiff::Timestamp::from_second(seconds).map_or_else(|_| String::new(), |time| time.to_string())
}
