//! A trained model with all that it needs to read an article.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::near_duplicates::NearDuplicateCounts;
use super::settings::{Chosen, TrainSettings, Weighting};
use super::tune::{Trial, fit_counts};
use crate::corpus::{Article, Page, Status};
use crate::error::{Error, Result};
use crate::features::{DocumentTermMatrix, Scratch, TfIdf, Vectorizer, Vocabulary, Words};
use crate::ids::TermId;
use crate::model::{
    ClassCounts, Decision, DecisionRule, GaussianModel, OneVsRest, OutputLayer, Prediction, Scorer,
    Target, Task, TermWeights,
};
use crate::text::{Analyzer, GivenNumbers, View, foreign_language, repair};

/// Articles with fewer words than this say too little to be judged.
pub(super) const LEAST_WORDS: usize = 3;

/// What was learned: counts, from which weights follow, or what does not follow from counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Learned {
    Counts(ClassCounts),
    /// Counts, and the refined weights by term and topic, which do not follow from them.
    Refined(ClassCounts, Vec<f32>),
    Gaussian(GaussianModel),
}

impl Learned {
    pub(super) fn counts(&self) -> Option<&ClassCounts> {
        match self {
            Self::Counts(counts) | Self::Refined(counts, _) => Some(counts),
            Self::Gaussian(_) => None,
        }
    }
}

/// What a model file holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Parts {
    pub settings: TrainSettings,
    pub chosen: Chosen,
    pub labels: Vec<String>,
    pub terms: Vec<Box<str>>,
    pub variants: Vec<(Box<str>, u32)>,
    pub learned: Learned,
    pub layer: OutputLayer,
    pub rule: DecisionRule,
    pub card: ModelCard,
}

/// What is known of a model's training data and quality. Scores are out of fold: every article was judged by a model
/// and calibration that had not seen it; vocabulary, settings and thresholds were chosen on the same articles.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelCard {
    /// Training articles.
    pub articles: u64,
    /// Those with none of the topics.
    pub without_topic: u64,
    /// Whether there were enough articles to cross-validate; without, there are no scores.
    pub cross_validated: bool,
    /// Folds.
    pub folds: u32,
    /// Combinations of settings that were tried.
    pub settings_tried: u32,
    /// The best trial of each kind of model, best first.
    pub trials: Vec<Trial>,
    /// One label an article: the share of labels that no score explains, wrong ones among them, by the output layer.
    pub label_noise: Option<f64>,
    /// Share of articles with exactly the right labels.
    pub accuracy: Option<f64>,
    /// F1 over all decisions.
    pub micro_f1: Option<f64>,
    /// Mean F1 of the labels.
    pub macro_f1: Option<f64>,
    /// Mean negative log probability of the truth.
    pub log_loss: Option<f64>,
    /// Share of articles whose labels are accepted without review.
    pub coverage: Option<f64>,
    /// The sets of possible labels.
    pub sets: Option<SetCard>,
    /// By label.
    pub topics: Vec<TopicCard>,
    /// Near-duplicates among the training articles: each cluster was in one fold. `None` in models of before they were looked for. In
    /// the file it comes after all else, where releases that do not know it pass over it.
    #[serde(skip)]
    pub near_duplicates: Option<NearDuplicateCounts>,
}

/// How sets of possible labels did on articles of a fold, with limits from the other folds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetCard {
    /// The coverage that was asked for, of every label for itself.
    pub stated: f64,
    /// Share of articles of which nothing that is true was ruled out.
    pub covered: f64,
    /// Mean number of labels that were possible; none of the topics counts as one.
    pub size: f64,
    /// Share of articles with a single possible answer.
    pub single: f64,
}

/// One label of a [`ModelCard`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TopicCard {
    /// Its name.
    pub name: String,
    /// Training articles that have it.
    pub articles: u64,
    /// Words of the one story that most of these seem to tell; none where they do not
    /// (see [`CountedCorpus::story_words`](super::CountedCorpus::story_words)).
    pub story: Vec<String>,
    /// Precision.
    pub precision: Option<f64>,
    /// Recall.
    pub recall: Option<f64>,
    /// F1.
    pub f1: Option<f64>,
    /// Expected calibration error of its probability, 10 bins.
    pub calibration_error: Option<f64>,
    /// What its threshold was fitted for.
    pub target: Target,
    /// Whether out-of-fold predictions reach the target; `None` for F1 and where there are none.
    pub target_reached: Option<bool>,
    /// Share of the articles that have it for which it was possible, with limits from other folds.
    pub covered: Option<f64>,
    /// Share of the articles without it for which its absence was possible; `None` for one label an article.
    pub absence_covered: Option<f64>,
}

/// A trained model. Immutable, shared by all threads.
///
/// ```
/// use rubrique::{Article, Classifier};
/// let classifier = Classifier::press()?;
/// let article = Article::new(
///     "Attentat déjoué : trois djihadistes présumés mis en examen",
///     "La cellule terroriste préparait une attaque à l'explosif, selon le parquet national antiterroriste.",
/// );
/// let classified = classifier.classify(&article);
/// assert_eq!(classifier.topics(&classified), ["terrorism"]);
/// # Ok::<(), rubrique::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Classifier {
    pub(super) parts: Parts,
    pub(super) vectorizer: Vectorizer,
    pub(super) vocabulary: Arc<Vocabulary>,
    pub(super) scorer: Scorer,
    tf_idf: Option<TfIdf>,
    /// Of the terms, and what forms gave by them.
    numbers: GivenNumbers,
    /// Whether scores are sums over the words as they come.
    is_additive: bool,
    /// Of the file it was read from.
    pub(super) digest: Option<Digest>,
}

/// What became of one article.
#[derive(Clone, Debug, PartialEq)]
pub struct Classified {
    /// Whether it was classified, or why not.
    pub status: Status,
    /// What the model says; `None` unless the status is [`Status::Ok`].
    pub prediction: Option<Prediction>,
}

impl Classified {
    /// Whether a person should look: always, where nothing was predicted.
    pub fn decision(&self) -> Decision {
        self.prediction.as_ref().map_or(Decision::Review, |p| p.decision)
    }
}

/// What one thread keeps between articles: the forms met so far and the terms they are.
#[derive(Debug, Default)]
pub struct ClassifierScratch {
    /// Where the model adds up what words weigh: the numbers are its own terms'.
    known: Option<Scratch>,
    /// Where it counts them.
    all: Scratch,
    /// By number in `all`: the term's id, or [`UNKNOWN`].
    ids: Vec<u32>,
    row: Vec<(u32, u32)>,
}

const UNKNOWN: u32 = u32::MAX;
/// Forms that are remembered at most; what is beyond that is forgotten and looked up again.
const MOST_FORMS: usize = 1_000_000;

impl Classifier {
    /// Puts a model together and checks that its parts fit.
    pub(super) fn new(parts: Parts) -> Result<Self> {
        let unsound = |what: &str| Error::data(what, "a model file that was not altered");
        parts.settings.check()?;
        let classes = parts.labels.len();
        let terms = parts.terms.len();
        if !parts.terms.windows(2).all(|w| w[0] < w[1]) {
            return Err(unsound("the terms are not in order"));
        }
        let rule = &parts.rule;
        let is_decided = rule.is_sound(classes);
        if !parts.layer.is_sound(classes) || !is_decided || classes == 0 {
            return Err(unsound("labels and calibration do not fit"));
        }
        if parts.variants.iter().any(|(_, t)| *t as usize >= terms) {
            return Err(unsound("the spellings do not fit the terms"));
        }
        let task = parts.rule.task;
        let weights: f64 = parts.chosen.views.iter().map(|view| view.weight).sum();
        if parts.chosen.views.is_empty() || !weights.is_finite() {
            return Err(unsound("the views have no weights"));
        }
        if let Some(counts) = parts.learned.counts()
            && (counts.terms() != terms || counts.classes() != classes || !counts.is_sound())
        {
            return Err(unsound("counts, terms and labels do not fit"));
        }
        let mut scorer = match &parts.learned {
            Learned::Counts(counts) => {
                let views: Vec<View> = parts.terms.iter().map(|term| View::of(term)).collect();
                fit_counts(counts, task, &parts.chosen, &views, &parts.settings)?
            }
            Learned::Refined(counts, weights) => {
                let weights = weights.iter().map(|&w| f64::from(w)).collect();
                let model = OneVsRest::from_weights(counts, weights);
                Scorer::Topics(model.ok_or_else(|| unsound("the weights do not fit"))?)
            }
            Learned::Gaussian(model) => {
                let model = model.clone().checked(terms).filter(|m| m.classes() == classes);
                Scorer::Gaussian(model.ok_or_else(|| unsound("the Gaussian model does not fit"))?)
            }
        };
        let tf_idf = match (parts.settings.weighting, parts.learned.counts()) {
            (Weighting::TfIdf, Some(counts)) => {
                let frequencies: Vec<u64> =
                    (0..terms).map(|t| counts.total_document_frequency(t)).collect();
                Some(TfIdf::fit(&frequencies, counts.documents() as usize))
            }
            _ => None,
        };
        let analyzer = Analyzer::new(parts.settings.analyzer.clone())?.with_variants(
            parts.variants.iter().map(|(form, t)| (&**form, &*parts.terms[*t as usize])),
        );
        let vectorizer = Vectorizer::new(analyzer, parts.settings.zones)?;
        let vocabulary =
            Arc::new(Vocabulary::new(parts.terms.iter().map(|term| &**term).collect()));
        scorer.round();
        if !scorer.term_weights().is_none_or(TermWeights::is_sound) {
            return Err(unsound("a weight is no number that can be added up"));
        }
        let is_additive = tf_idf.is_none()
            && scorer.term_weights().is_some_and(TermWeights::is_additive)
            && parts.settings.analyzer.word_ngrams == 1;
        let terms = vocabulary.clone();
        let number = move |term: &str| terms.get(term).map(|TermId(id)| id);
        let numbers = GivenNumbers::new(number, MOST_FORMS);
        Ok(Self {
            parts,
            vectorizer,
            vocabulary,
            scorer,
            tf_idf,
            numbers,
            is_additive,
            digest: None,
        })
    }

    /// Its labels, in order.
    pub fn labels(&self) -> &[String] {
        &self.parts.labels
    }

    /// One label an article, or any number of topics.
    pub fn task(&self) -> Task {
        self.parts.rule.task
    }

    /// The settings it was trained with.
    pub fn settings(&self) -> &TrainSettings {
        &self.parts.settings
    }

    /// What training settled on where the settings left a choice.
    pub fn chosen(&self) -> &Chosen {
        &self.parts.chosen
    }

    /// Its training data and out-of-fold scores.
    pub fn card(&self) -> &ModelCard {
        &self.parts.card
    }

    /// How probabilities become labels.
    pub fn rule(&self) -> &DecisionRule {
        &self.parts.rule
    }

    /// The terms it knows.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Its analyzer.
    pub fn analyzer(&self) -> &Analyzer {
        self.vectorizer.analyzer()
    }

    /// The names of the labels given to an article, most probable first.
    pub fn topics(&self, classified: &Classified) -> Vec<&str> {
        let labels = classified.prediction.iter().flat_map(|p| &p.labels);
        labels.map(|l| self.parts.labels[l.index()].as_str()).collect()
    }

    /// For each label its `most` telling terms, best first, with what each adds to the score of an average article of
    /// the label; words only, where the model has other views too. Empty for a Gaussian model, whose weights depend on the article.
    pub fn top_terms(&self, most: usize) -> Vec<Vec<(String, f64)>> {
        let classes = self.labels().len();
        let (Some(counts), Some(weights)) =
            (self.parts.learned.counts(), self.scorer.term_weights())
        else {
            return vec![Vec::new(); classes];
        };
        let is_one_label = self.task() == Task::OneLabel;
        (0..classes)
            .map(|c| {
                let documents = (counts.class_documents(c) as f64).max(1.0);
                let value = |t: usize| {
                    let of_term = weights.of_term(t);
                    let mean = of_term.iter().sum::<f64>() / classes as f64;
                    let weight = of_term[c] - if is_one_label { mean } else { 0.0 };
                    weight * counts.document_frequency(t, c) as f64 / documents
                };
                let is_word =
                    |t: &usize| View::of(self.vocabulary.term(TermId(*t as u32))) == View::Words;
                let mut terms: Vec<(usize, f64)> =
                    (0..self.vocabulary.len()).filter(is_word).map(|t| (t, value(t))).collect();
                terms.sort_by(|a, b| b.1.total_cmp(&a.1));
                terms.truncate(most);
                let named = |(t, value)| (self.vocabulary.term(TermId(t as u32)).to_owned(), value);
                terms.into_iter().map(named).collect()
            })
            .collect()
    }

    /// Classifies one article.
    pub fn classify(&self, article: &Article) -> Classified {
        self.classify_with(article, &mut ClassifierScratch::default())
    }

    /// Classifies one article of many. The scratch saves time and changes no result.
    pub fn classify_with(&self, article: &Article, scratch: &mut ClassifierScratch) -> Classified {
        let (title, text) = (repair(&article.title), repair(&article.text));
        self.classify_page(article, &Page::segment(&title, &text), scratch)
    }

    /// Classifies a title and a text that stand somewhere else, such as in a column of a table, without copying them: what
    /// [`classify_with`](Self::classify_with) makes of an article of both.
    ///
    /// ```
    /// use rubrique::pipeline::ClassifierScratch;
    /// use rubrique::{Article, Classifier};
    /// let classifier = Classifier::press()?;
    /// let (title, text) = ("Blanchiment : deux notaires mis en examen", "Tracfin avait signalé des virements suspects.");
    /// let classified = classifier.classify_text(title, text, &mut ClassifierScratch::default());
    /// assert_eq!(classified, classifier.classify(&Article::new(title, text)));
    /// # Ok::<(), rubrique::Error>(())
    /// ```
    pub fn classify_text(
        &self,
        title: &str,
        text: &str,
        scratch: &mut ClassifierScratch,
    ) -> Classified {
        let (title, text) = (repair(title), repair(text));
        self.classify_page(&Article::default(), &Page::segment(&title, &text), scratch)
    }

    /// Classifies an article whose page was taken apart already.
    pub(super) fn classify_page(
        &self,
        article: &Article,
        page: &Page<'_>,
        scratch: &mut ClassifierScratch,
    ) -> Classified {
        let scored = match self.scorer.term_weights() {
            Some(weights) if self.is_additive => self.add_up(weights, article, page, scratch),
            _ => self.row(article, page, scratch).map(|row| self.score(&row)),
        };
        match scored {
            Ok((mut scores, length)) => {
                self.parts.layer.apply(&mut scores, length);
                let prediction = self.parts.rule.decide(scores);
                Classified { status: Status::Ok, prediction: Some(prediction) }
            }
            Err(status) => Classified { status, prediction: None },
        }
    }

    /// The scores of an article and its length, added up as its words come; or why there are none. Equals what
    /// [`row`](Self::row) and [`score`](Self::score) give, without counting and sorting.
    fn add_up(
        &self,
        weights: &TermWeights,
        article: &Article,
        page: &Page<'_>,
        scratch: &mut ClassifierScratch,
    ) -> Result<(Vec<f64>, f64), Status> {
        check_text(article, page)?;
        let known = scratch.known.get_or_insert_with(|| Scratch::closed(self.numbers.clone()));
        let mut scores = weights.constant().to_vec();
        let mut length = 0;
        let words = self.vectorizer.read(page.title, &page.body, known, |_, terms, times| {
            weights.add_occurrences(terms, times, &mut scores);
            length += terms.len() as u64 * u64::from(times);
        });
        check_words(words, page)?;
        if length == 0 {
            return Err(Status::NoKnownTerms);
        }
        Ok((scores, length as f64))
    }

    /// The counts of an article over the vocabulary, or why there are none. `page` is the article's own.
    pub(super) fn row(
        &self,
        article: &Article,
        page: &Page<'_>,
        scratch: &mut ClassifierScratch,
    ) -> Result<DocumentTermMatrix, Status> {
        check_text(article, page)?;
        if scratch.all.trim(MOST_FORMS) {
            scratch.ids.clear();
        }
        let counted = self.vectorizer.count(page.title, &page.body, &mut scratch.all);
        check_words(counted.words, page)?;
        let terms = scratch.all.lexicon.terms();
        for term in &terms[scratch.ids.len()..] {
            scratch.ids.push(self.vocabulary.get(term).map_or(UNKNOWN, |TermId(id)| id));
        }
        let row = &mut scratch.row;
        row.clear();
        let known = counted.terms.iter().map(|&(n, count)| (scratch.ids[n as usize], count));
        row.extend(known.filter(|&(id, _)| id != UNKNOWN));
        if row.is_empty() {
            return Err(Status::NoKnownTerms);
        }
        // Sums of floats depend on their order: by term, it is the same whatever the lexicon met first.
        row.sort_unstable();
        let mut matrix = DocumentTermMatrix::new(self.vocabulary.len());
        matrix.push_row(row.iter().copied());
        Ok(self.weighted(matrix))
    }

    /// The row as the model counts it.
    pub(super) fn weighted(&self, counts: DocumentTermMatrix) -> DocumentTermMatrix {
        let Some(tf_idf) = &self.tf_idf else { return counts };
        let mut weighted = DocumentTermMatrix::new(counts.columns());
        for row in counts.iter() {
            weighted.push_row(tf_idf.quantize(row));
        }
        weighted
    }

    /// The scores of the first row of a matrix, and its length.
    fn score(&self, matrix: &DocumentTermMatrix) -> (Vec<f64>, f64) {
        let row = matrix.row(0);
        let mut scores = vec![0.0; self.parts.labels.len()];
        self.scorer.score(row, &mut scores);
        (scores, row.length() as f64)
    }

    /// The prediction for the first row of a matrix.
    pub(super) fn predict(&self, matrix: &DocumentTermMatrix) -> Prediction {
        let (mut scores, length) = self.score(matrix);
        self.parts.layer.apply(&mut scores, length);
        self.parts.rule.decide(scores)
    }
}

/// Whether there is a text at all.
fn check_text(article: &Article, page: &Page<'_>) -> Result<(), Status> {
    if article.problem.is_some() {
        return Err(Status::Unreadable);
    }
    if page.title.is_empty() && page.body.trim().is_empty() {
        return Err(Status::Empty);
    }
    Ok(())
}

/// Whether its words are French, and enough.
fn check_words(words: Words, page: &Page<'_>) -> Result<(), Status> {
    let judged = if page.body.trim().is_empty() { page.title } else { &page.body };
    if foreign_language(judged, words.all, words.function).is_some() {
        return Err(Status::NotFrench);
    }
    if words.all < LEAST_WORDS {
        return Err(Status::TooShort);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::{ReadOptions, Reader};

    /// Adding up is counting, sorting and scoring, bit for bit, and its length is the row's.
    #[test]
    fn scores_that_are_added_up_are_those_of_the_row() {
        let classifier = Classifier::press().unwrap();
        assert!(classifier.is_additive);
        let weights = classifier.scorer.term_weights().unwrap();
        let mut scratch = ClassifierScratch::default();
        let inputs = ["data/articles.csv", "data/corpus.csv"].map(Into::into);
        let articles = Reader::open(&inputs, &ReadOptions::default()).unwrap().map(Result::unwrap);
        let odd = ["", "Oui", "Ceci est", "zzz yyy xxx", "The ministers of both countries met."];
        for article in articles.chain(odd.map(|text| Article::new("", text))) {
            let page = Page::segment(&article.title, &article.text);
            let added = classifier.add_up(weights, &article, &page, &mut scratch);
            let row = classifier.row(&article, &page, &mut scratch);
            assert_eq!(added, row.map(|row| classifier.score(&row)), "{}", article.id);
        }
    }
}
