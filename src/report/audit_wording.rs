//! What the pages of `audit` say, in the reader's language.

use super::language::Language;
use crate::pipeline::FindingKind;

/// The sentences; `{}` stands for a number or a name.
pub(super) struct AuditWording {
    pub title: &'static str,
    pub contents: &'static str,
    pub headline: &'static str,
    pub nothing: &'static str,
    pub checked: &'static str,
    pub not_checked: &'static str,
    pub clusters: &'static str,
    pub correct: &'static str,
    pub shown: &'static str,
    pub rank: &'static str,
    pub article: &'static str,
    pub articles: &'static str,
    pub labels: &'static str,
    pub suggested: &'static str,
    pub cluster: &'static str,
    pub severity: &'static str,
    pub detail: &'static str,
    pub drift_title: &'static str,
    pub drift_note: &'static str,
    pub no_shift: &'static str,
    pub shift: &'static str,
    pub all: &'static str,
    pub month: &'static str,
    pub source: &'static str,
    pub measure: &'static str,
    pub baseline: &'static str,
    pub now: &'static str,
    pub intervals: &'static str,
}

impl AuditWording {
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::French => &FRENCH,
        }
    }
}

static ENGLISH: AuditWording = AuditWording {
    title: "Audit of a corpus",
    contents: "Contents",
    headline: "{} findings in {} articles.",
    nothing: "Nothing was found wrong with {} articles.",
    checked: "The labels of {} articles were checked by models that had not seen them.",
    not_checked: "Labels were not checked: {}.",
    clusters: "{} articles are near-duplicates, in {} clusters. Training and evaluation keep each cluster on one side of every split.",
    correct: "Write the right labels into the column corrected_labels of audit.csv and give it to train beside the corpus.",
    shown: "{} of {} are shown; all are in audit.csv.",
    rank: "Rank",
    article: "Article",
    articles: "Articles",
    labels: "Labels",
    suggested: "Suggested",
    cluster: "Cluster",
    severity: "Severity",
    detail: "Detail",
    drift_title: "New articles against earlier ones",
    drift_note: "unknown_terms: share of an article’s terms that the baseline does not have. review: share left to people. jensen_shannon: divergence of the topics, 0 to 1. \
                 stability_index: population stability index of the topics, below 0.1 stable, above 0.25 a shift.",
    no_shift: "{} articles are like the {} of the baseline.",
    shift: "{} articles are not like the {} of the baseline: {}.",
    all: "All articles",
    month: "By month",
    source: "By source",
    measure: "Measure",
    baseline: "Baseline",
    now: "Now",
    intervals: "With 95 % bootstrap intervals. All numbers are in drift.csv.",
};

static FRENCH: AuditWording = AuditWording {
    title: "Audit d’un corpus",
    contents: "Sommaire",
    headline: "{} constats sur {} articles.",
    nothing: "Rien à signaler sur {} articles.",
    checked: "Les étiquettes de {} articles ont été vérifiées par des modèles qui ne les avaient pas vus.",
    not_checked: "Les étiquettes n’ont pas été vérifiées\u{202F}: {}.",
    clusters: "{} articles sont des quasi-doublons, en {} groupes. L’entraînement et l’évaluation gardent chaque groupe du même côté de tout découpage.",
    correct: "Écrivez les bonnes étiquettes dans la colonne corrected_labels de audit.csv et donnez ce fichier à train avec le corpus.",
    shown: "{} sur {} sont affichés\u{202F}; tous sont dans audit.csv.",
    rank: "Rang",
    article: "Article",
    articles: "Articles",
    labels: "Étiquettes",
    suggested: "Proposition",
    cluster: "Groupe",
    severity: "Gravité",
    detail: "Détail",
    drift_title: "Nouveaux articles et anciens",
    drift_note: "unknown_terms\u{202F}: part des termes d’un article que la référence n’a pas. review\u{202F}: part laissée à la relecture. jensen_shannon\u{202F}: divergence des thèmes, de 0 à 1. \
                 stability_index\u{202F}: indice de stabilité des thèmes, stable sous 0,1, décalé au-delà de 0,25.",
    no_shift: "{} articles ressemblent aux {} de la référence.",
    shift: "{} articles ne ressemblent pas aux {} de la référence\u{202F}: {}.",
    all: "Tous les articles",
    month: "Par mois",
    source: "Par source",
    measure: "Mesure",
    baseline: "Référence",
    now: "Maintenant",
    intervals: "Avec des intervalles bootstrap à 95 %. Tous les chiffres sont dans drift.csv.",
};

/// The name of a kind of finding, and what it means.
pub(super) fn kind_words(kind: FindingKind, language: Language) -> (&'static str, &'static str) {
    use FindingKind::*;
    match (kind, language) {
        (LikelyWrongLabel, Language::English) => (
            "Labels that are likely wrong",
            "Severity: the probability that they are, by a model that did not see the article. The most likely first.",
        ),
        (LikelyWrongLabel, Language::French) => (
            "Étiquettes sans doute fausses",
            "Gravité\u{202F}: la probabilité qu’elles le soient, selon un modèle qui n’a pas vu l’article. Les plus probables d’abord.",
        ),
        (LabelConflict, Language::English) => (
            "Near-duplicates whose labels differ",
            "The same text with other labels. Severity: the share of its near-duplicates that have others.",
        ),
        (LabelConflict, Language::French) => (
            "Quasi-doublons aux étiquettes différentes",
            "Le même texte avec d’autres étiquettes. Gravité\u{202F}: la part de ses quasi-doublons qui en ont d’autres.",
        ),
        (Unreadable, Language::English) => {
            ("Rows that could not be read", "They are left out of training.")
        }
        (Unreadable, Language::French) => {
            ("Lignes illisibles", "Elles sont laissées de côté à l’entraînement.")
        }
        (DuplicateId, Language::English) => (
            "Ids met twice",
            "Corrections by id cannot tell these apart where their titles are the same.",
        ),
        (DuplicateId, Language::French) => (
            "Identifiants répétés",
            "Les corrections par identifiant ne les distinguent pas si leurs titres sont les mêmes.",
        ),
        (Empty, Language::English) => {
            ("Empty articles", "Neither title nor text, or nothing but page furniture.")
        }
        (Empty, Language::French) => {
            ("Articles vides", "Ni titre ni texte, ou rien que l’habillage de la page.")
        }
        (NotFrench, Language::English) => ("Not French", "Such articles are not classified."),
        (NotFrench, Language::French) => ("Pas en français", "Ces articles ne sont pas classés."),
        (TooShort, Language::English) => ("Too short", "Too few words to judge."),
        (TooShort, Language::French) => ("Trop courts", "Trop peu de mots pour juger."),
        (EncodingRepaired, Language::English) => {
            ("Damaged characters", "Mended while reading; what is lost is lost.")
        }
        (EncodingRepaired, Language::French) => {
            ("Caractères abîmés", "Réparés à la lecture\u{202F}; ce qui est perdu l’est.")
        }
        (NearDuplicate, Language::English) => (
            "Near-duplicates",
            "Copied, shortened or reworded, by cluster. Severity: how like the centre of the cluster.",
        ),
        (NearDuplicate, Language::French) => (
            "Quasi-doublons",
            "Copiés, raccourcis ou reformulés, par groupe. Gravité\u{202F}: la ressemblance avec le centre du groupe.",
        ),
    }
}
