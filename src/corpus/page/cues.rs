//! Wording by which the furniture of French-language sites is known.
//!
//! One table a family. All is written as [`plain`] leaves it: lower case, no accents, straight apostrophes, plain spaces.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use hashbrown::HashMap;
use memchr::memchr;

use super::Reason;
use crate::text::fold_without_accents;

/// How a wording is found in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fits {
    /// The whole line, marks around it aside.
    Whole,
    /// The line's beginning.
    Start,
    /// The line's beginning, unless the line reads like a sentence of the article.
    LooseStart,
}

/// What a line's wording says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cue {
    /// It is no part of the article.
    Drop(Reason),
    /// Other articles follow, mostly to the end of the page.
    Closing(Reason),
    /// Announces the other article that is named behind it, or in the next line.
    Inline,
    /// Where sentences end that begin like this: the rest of the article is to be paid for.
    None,
}

/// Headings behind which other articles follow.
const CLOSING: &[&str] = &[
    "aller plus loin",
    "pour aller plus loin",
    "ces articles devraient vous interesser",
    "ces articles pourraient vous interesser",
    "ces articles peuvent vous interesser",
    "ces articles peuvent aussi vous interesser",
    "ces articles pourraient aussi vous interesser",
    "ces sujets peuvent vous interesser",
    "cela peut vous interesser",
    "cela pourrait vous interesser",
    "cela devrait vous interesser",
    "ca peut vous interesser",
    "ca pourrait vous interesser",
    "ceci peut vous interesser",
    "ceci pourrait vous interesser",
    "cet article vous a plu",
    "vous avez aime cet article",
    "sur le meme sujet",
    "sur le meme theme",
    "du meme auteur",
    "sur ce sujet",
    "a propos de ce sujet",
    "dans le meme dossier",
    "dans la meme rubrique",
    "dans la meme categorie",
    "dans la meme section",
    "articles similaires",
    "articles lies",
    "articles associes",
    "articles relatifs",
    "articles recents",
    "articles recommandes",
    "articles connexes",
    "articles suggeres",
    "contenus similaires",
    "contenus associes",
    "contenus sponsorises",
    "contenu sponsorise",
    "autres articles",
    "autres actualites",
    "nos autres articles",
    "plus d'articles",
    "plus d'actualites",
    "plus d'actus",
    "toute l'actualite",
    "toutes les actualites",
    "toute l'actu",
    "dernieres actualites",
    "dernieres actus",
    "dernieres nouvelles",
    "dernieres infos",
    "derniers articles",
    "les derniers articles",
    "les dernieres actualites",
    "les dernieres infos",
    "a decouvrir aussi",
    "a decouvrir",
    "a decouvrir egalement",
    "decouvrez aussi",
    "a voir egalement",
    "a ne pas manquer",
    "a ne pas rater",
    "ne manquez pas",
    "vous aimerez aussi",
    "vous aimerez peut-etre",
    "vous pourriez aimer",
    "vous pourriez aussi aimer",
    "vous pourriez aussi etre interesse",
    "vous pourriez etre interesse par",
    "vous pourriez egalement aimer",
    "vous devriez aimer",
    "les plus lus",
    "les plus lues",
    "le plus lu",
    "plus lus",
    "les plus consultes",
    "les plus partages",
    "les plus commentes",
    "articles les plus lus",
    "les articles les plus lus",
    "top articles",
    "tendances",
    "populaires",
    "articles populaires",
    "les plus populaires",
    "recommande pour vous",
    "recommandes pour vous",
    "nos recommandations",
    "recommandations",
    "suggestions",
    "notre selection",
    "la selection de la redaction",
    "selection de la redaction",
    "les choix de la redaction",
    "le choix de la redaction",
    "la redaction vous conseille",
    "nous vous recommandons",
    "on vous recommande",
    "a la une",
    "a lire ensuite",
    "a suivre",
    "lire la suite de l'actualite",
    "plus de contenus",
    "plus d'infos",
    "plus d'informations sur ce sujet",
    "en relation",
    "en lien avec cet article",
    "liens utiles",
    "nos dossiers",
    "nos dernieres videos",
    "les videos",
    "videos",
    "en video",
    "related posts",
    "related articles",
    "you may also like",
    "annonces",
    "petites annonces",
    "services",
    "nos services",
    "nos newsletters",
    "agenda",
    "meteo",
    "horoscope",
];

/// Headings of readers' comments, behind a number or not.
const COMMENTS: &[&str] = &[
    "commentaire",
    "commentaires",
    "commentaire(s)",
    "vos commentaires",
    "les commentaires",
    "laisser un commentaire",
    "laissez un commentaire",
    "laisser une reponse",
    "reagir a cet article",
    "reagissez a cet article",
    "reagir",
    "reactions",
    "vos reactions",
    "ajouter un commentaire",
    "poster un commentaire",
    "publier un commentaire",
    "ecrire un commentaire",
    "commentaires des lecteurs",
    "reactions des lecteurs",
    "votre avis",
    "donnez votre avis",
    "contributions",
    "les contributions",
    "forum",
    "messages",
    "espace commentaires",
    "participez a la discussion",
    "participer a la conversation",
    "leave a reply",
];

/// Links to another article, which may also stand in the middle of a text.
const INLINE: &[&str] = &[
    "a lire aussi",
    "lire aussi",
    "lisez aussi",
    "lire egalement",
    "a lire egalement",
    "a lire et a voir aussi",
    "lire notre article",
    "lire notre analyse",
    "lire notre enquete",
    "lire notre editorial",
    "lire notre dossier",
    "lire notre decryptage",
    "lire notre reportage",
    "lire l'article",
    "lire l'enquete",
    "lire le decryptage",
    "lire le reportage",
    "lire le recit",
    "lire les analyses",
    "lire la tribune",
    "lire l'entretien",
    "lire l'analyse",
    "lire l'editorial",
    "lire a ce sujet",
    "lire plus",
    "(re)lire",
    "relire",
    "relire aussi",
    "voir aussi",
    "voir egalement",
    "voir notre dossier",
    "a voir aussi",
    "a ecouter aussi",
    "a ecouter",
    "ecouter aussi",
    "a surtout lire sur bbc afrique",
    "a lire sur bbc afrique",
    "a ne pas manquer sur bbc afrique",
    "a regarder",
    "regarder aussi",
    "regardez aussi",
    "a lire",
    "lire",
    "a voir",
    "voir",
    "notre dossier",
    "notre dossier complet",
    "dossier",
    "en savoir plus",
    "pour en savoir plus",
    "plus d'infos sur",
    "article lie",
    "article associe",
    "video a voir",
    "le podcast a ecouter",
    "et aussi",
    "aussi",
    "suivre notre direct",
    "notre direct",
];

const TAGS: &[&str] = &[
    "sujets associes",
    "sujets lies",
    "sujet(s) associe(s)",
    "mots-cles",
    "mots cles",
    "mot-cle",
    "mots-clefs",
    "tags",
    "tag",
    "themes",
    "thematiques",
    "themes associes",
    "etiquettes",
    "dans cet article",
    "sur ces sujets",
    "en rapport avec",
    "rubriques",
    "categories",
    "filed under",
    "classe dans",
    "publie dans",
    "voir plus sur ces sujets",
];

const SHARE: &[&str] = &[
    "partager cet article",
    "partager l'article",
    "partager cette page",
    "partager sur",
    "partager par",
    "partager via",
    "partager :",
    "partager le lien",
    "partager la publication",
    "partagez cet article",
    "partagez l'article",
    "partagez sur",
    "partagez :",
    "partagez avec",
    "suivez-nous",
    "suivez nous",
    "suivre sur",
    "suivre @",
    "nous suivre",
    "retrouvez-nous sur",
    "retrouvez nous sur",
    "retrouvez toute notre actualite sur",
    "retrouvez l'actualite",
    "rejoignez-nous sur",
    "rejoignez notre",
    "rejoignez la chaine",
    "abonnez-vous a notre chaine",
    "envoyer par e-mail",
    "envoyer par email",
    "envoyer par mail",
    "envoyer par courriel",
    "envoyer a un ami",
    "envoyer a quelqu'un",
    "imprimer cet article",
    "imprimer l'article",
    "cliquez pour partager",
    "cliquer pour partager",
    "copier le lien",
    "tweeter sur",
    "telecharger l'application",
    "telechargez notre application",
    "telechargez l'application",
    "ajouter a vos favoris",
    "ajouter aux favoris",
    "ajouter a mes favoris",
    "ajouter a votre selection",
    "ajouter a vos selections",
    "lire plus tard",
    "enregistrer l'article",
    "sauvegarder l'article",
    "sauvegardez cet article",
    "article sauvegarde",
];

/// Share links and reading aids that make a whole line.
const SHARE_WHOLE: &[&str] = &[
    "partager",
    "partages",
    "partagez",
    "share",
    "tweeter",
    "tweet",
    "twitter",
    "x",
    "facebook",
    "messenger",
    "linkedin",
    "whatsapp",
    "telegram",
    "instagram",
    "pinterest",
    "youtube",
    "tiktok",
    "reddit",
    "flipboard",
    "bluesky",
    "threads",
    "mastodon",
    "email",
    "e-mail",
    "mail",
    "courriel",
    "imprimer",
    "imprimez",
    "print",
    "lien copie",
    "lien copie !",
    "copier",
    "envoyer",
    "google news",
    "flux rss",
    "rss",
    "sauvegarder",
    "enregistrer",
    "favoris",
    "taille du texte",
    "ecouter l'article",
    "ecouter cet article",
    "ecouter",
    "lecture audio",
    "lire l'audio",
    "offrir l'article",
    "offrir cet article",
    "offrir",
    "offrez cet article",
    "reagissez",
    "j'aime",
    "aimer",
    "j'aime ca",
    "chargement",
    "chargement…",
    "chargement...",
    "loading",
];

/// Subscriptions, accounts, newsletters, cookies, advertising: beginnings that no sentence of an article has.
const NOTICE: &[&str] = &[
    "abonnez-vous a partir de",
    "abonnez-vous des",
    "abonnez-vous pour",
    "abonnez-vous a notre",
    "abonnez-vous a la newsletter",
    "abonnez-vous a l'",
    "je m'abonne",
    "j'en profite",
    "inscrivez-vous a notre",
    "inscrivez-vous a la newsletter",
    "inscrivez-vous gratuitement",
    "inscription a la newsletter",
    "inscrivez-vous pour",
    "recevez chaque",
    "recevez tous les",
    "recevez gratuitement",
    "recevez notre",
    "recevez nos",
    "recevez toute l'actu",
    "recevez l'essentiel",
    "recevez les alertes",
    "recevez par e-mail",
    "recevoir notre newsletter",
    "recevoir la newsletter",
    "newsletter",
    "infolettre",
    "la newsletter",
    "notre newsletter",
    "votre adresse e-mail",
    "votre adresse mail",
    "votre adresse email",
    "votre adresse de messagerie",
    "votre e-mail",
    "votre inscription a bien",
    "merci de renseigner",
    "entrez votre adresse",
    "saisissez votre adresse",
    "adresse e-mail",
    "en vous inscrivant",
    "en vous abonnant",
    "vous pouvez vous desinscrire",
    "vous pourrez vous desinscrire",
    "vous affirmez avoir pris connaissance",
    "il vous reste",
    "cet article est reserve",
    "cet article est destine aux abonnes",
    "ce contenu est reserve",
    "ce contenu est bloque",
    "contenu reserve aux abonnes",
    "article reserve aux abonnes",
    "article reserve a nos abonnes",
    "reserve aux abonnes",
    "reserve a nos abonnes",
    "la suite est reservee",
    "la suite de cet article",
    "pour lire la suite",
    "pour acceder a l'integralite",
    "pour lire l'integralite",
    "lisez l'integralite",
    "continuez votre lecture",
    "poursuivez votre lecture",
    "vous avez atteint",
    "vous n'etes pas abonne",
    "vous n'etes pas inscrit",
    "vous etes abonne",
    "deja abonne",
    "pas encore abonne",
    "deja un compte",
    "vous avez deja un compte",
    "deja inscrit",
    "creez un compte",
    "creer un compte",
    "creez votre compte",
    "connectez-vous pour",
    "connectez-vous ou",
    "se connecter ou",
    "vous devez etre connecte",
    "vous devez vous connecter",
    "identifiez-vous",
    "testez sans engagement",
    "essai gratuit",
    "sans engagement",
    "profitez de notre offre",
    "offre speciale",
    "offre d'abonnement",
    "soutenez le journalisme",
    "soutenez-nous",
    "soutenez un journalisme",
    "soutenez notre",
    "soutenir notre",
    "faire un don",
    "faites un don",
    "votre soutien est",
    "votre don",
    "si vous avez des informations a nous",
    "nous utilisons des cookies",
    "ce site utilise des cookies",
    "ce site web utilise des cookies",
    "notre site utilise des cookies",
    "en poursuivant votre navigation",
    "en continuant a naviguer",
    "en cliquant sur « tout accepter",
    "en cliquant sur \"accepter",
    "en cliquant sur « accepter",
    "nous et nos",
    "avec nos partenaires",
    "avec votre accord",
    "vos donnees personnelles",
    "respect de votre vie privee",
    "votre vie privee",
    "vous pouvez a tout moment modifier vos choix",
    "parametrer les cookies",
    "gerer mes cookies",
    "gestion des cookies",
    "gerer les cookies",
    "ce contenu n'a pas pu etre charge",
    "ce contenu est heberge par",
    "pour afficher ce contenu",
    "pour visualiser ce contenu",
    "pour voir cette video",
    "votre navigateur ne",
    "javascript est desactive",
    "veuillez activer javascript",
    "activer javascript",
    "activez les notifications",
    "activer les notifications",
    "desactivez votre bloqueur",
    "vous utilisez un bloqueur",
    "article suivant dans",
    "la suite apres la publicite",
    "la suite apres cette publicite",
    "publicite -",
    "publicite :",
    "- publicite",
    "advertisement",
    "contenu de marque",
    "contenu partenaire",
    "en partenariat avec",
    "achetez le journal",
    "consultez le journal",
    "lire le journal",
];

/// The same, as whole lines.
const NOTICE_WHOLE: &[&str] = &[
    "vous avez trouve une erreur",
    "signalez-la nous en cliquant ici",
    "lecture audio generee par une voix de synthese",
    "cet audio a ete genere par une ia",
    "cet article a ete lu par une voix de synthese",
    "abonnez-vous",
    "s'abonner",
    "abonnement",
    "abonnements",
    "s'inscrire",
    "inscrivez-vous",
    "inscription",
    "je m'inscris",
    "se connecter",
    "connexion",
    "connectez-vous",
    "mon compte",
    "mon profil",
    "deconnexion",
    "publicite",
    "pub",
    "annonce",
    "sponsorise",
    "abonne",
    "abonnes",
    "premium",
    "article abonne",
    "article abonnes",
    "article premium",
    "accepter",
    "tout accepter",
    "accepter et fermer",
    "accepter & fermer",
    "tout refuser",
    "refuser",
    "continuer sans accepter",
    "parametrer",
    "personnaliser",
    "ok",
    "fermer",
    "valider",
    "s'inscrire a la newsletter",
    "mot de passe oublie",
    "mot de passe",
    "adresse e-mail",
    "lire la suite",
    "lire la suite...",
    "lire la suite…",
    "la suite",
    "afficher la suite",
    "lire l'article complet",
    "lire plus",
    "voir plus",
    "afficher plus",
    "voir tout",
    "tout voir",
    "charger plus",
    "cliquez ici",
    "annuler",
];

const CREDIT: &[&str] = &[
    "tous droits reserves",
    "tous droits de reproduction",
    "droits de reproduction",
    "©",
    "(c) ",
    "copyright",
    "reproduction interdite",
    "toute reproduction",
    "reproduction et diffusion interdites",
    "credit photo",
    "credits photo",
    "credit :",
    "credits :",
    "credit image",
    "photo :",
    "photo ©",
    "photos :",
    "photo d'illustration",
    "photo illustration",
    "image d'illustration",
    "illustration :",
    "illustration ©",
    "source :",
    "sources :",
    "avec afp",
    "source afp",
    "les informations contenues dans",
    "les textes, photos",
    "cet article a ete publie initialement",
    "cet article a ete publie automatiquement",
    "cet article a ete redige par",
    "cet article est republie",
    "cette depeche est issue",
    "le contenu de cet article n'engage",
];

/// Agencies that sign with their name alone, in brackets or not.
const AGENCIES: &[&str] = &[
    "afp",
    "agence france-presse",
    "reuters",
    "ap",
    "belga",
    "ats",
    "keystone-ats",
    "map",
    "aps",
    "tap",
    "apa",
    "aib",
    "abp",
    "xinhua",
    "efe",
    "dpa",
    "ansa",
    "apanews",
    "anp",
    "afp, reuters",
    "afp/reuters",
    "afp et reuters",
    "reuters, afp",
    "la presse canadienne",
    "presse canadienne",
    "ats/nxp",
    "le figaro avec afp",
    "avec agences",
    "avec les agences",
    "agences",
];

/// Menus, site maps, search, legal footers.
const NAVIGATION: &[&str] = &[
    "aller au contenu",
    "aller a la navigation",
    "aller au menu",
    "passer au contenu",
    "skip to content",
    "acceder au contenu",
    "retour a l'accueil",
    "retour en haut",
    "haut de page",
    "retour a la liste",
    "accueil >",
    "accueil ›",
    "accueil »",
    "accueil /",
    "accueil |",
    "accueil -",
    "accueil •",
    "vous etes ici",
    "vous lisez",
    "article precedent",
    "article suivant",
    "precedent :",
    "suivant :",
    "navigation de l'article",
    "navigation des articles",
    "ouvrir le menu",
    "fermer le menu",
    "toutes les rubriques",
    "mentions legales",
    "conditions generales",
    "conditions d'utilisation",
    "politique de confidentialite",
    "protection des donnees",
    "donnees personnelles",
    "charte d'utilisation",
    "contactez-nous",
    "nous contacter",
    "qui sommes-nous",
    "plan du site",
    "voir les commentaires",
    "voir tous les commentaires",
    "afficher les commentaires",
    "lire les commentaires",
    "commenter cet article",
    "soyez le premier a",
    "soyez la premiere personne a",
    "aucun commentaire",
    "signaler un abus",
    "signaler une erreur",
    "signaler ce contenu",
    "signaler cet article",
    "une erreur dans l'article",
    "une erreur, une coquille",
    "une erreur s'est glissee",
    "votre recherche",
    "rechercher sur",
    "rechercher un article",
    "edition du jour",
    "lire l'edition",
    "changer d'edition",
    "resultats des elections",
    "vous avez trouve une erreur",
    "vous avez repere une erreur",
    "cet article provient de",
    "voir l'original",
    "voir les archives",
    "voir le site",
    "tous les articles de",
    "plus d'articles de",
    "voir tous les articles",
    "tous ses articles",
];

const NAVIGATION_WHOLE: &[&str] = &[
    "about the author",
    "a propos de l'auteur",
    "sur l'auteur",
    "accueil",
    "menu",
    "menu principal",
    "rechercher",
    "recherche",
    "search",
    "home",
    "contact",
    "contacts",
    "publier",
    "commenter",
    "signaler",
    "cgu",
    "cgv",
    "cookies",
    "faq",
    "aide",
    "archives",
    "a propos",
    "l'equipe",
    "la redaction",
    "en direct",
    "direct",
    "podcasts",
    "podcast",
    "photos",
    "diaporama",
    "galerie",
    "newsletters",
    "boutique",
    "jeux",
    "mots croises",
    "mots fleches",
    "sudoku",
    "emploi",
    "immobilier",
    "carnet",
    "avis de deces",
    "programme tv",
    "bourse",
    "necrologie",
    "precedent",
    "suivant",
    "retour",
    "sommaire",
    "edition abonnes",
    "le journal",
    "journal numerique",
    "kiosque",
    "plus",
    "temps de lecture",
    "haut",
];

/// Starts of meta lines that the dateline's own reading does not need.
const DATELINE: &[&str] = &[
    "temps de lecture",
    "duree de lecture",
    "lecture :",
    "publie il y a",
    "mis a jour il y a",
    "modifie il y a",
    "propos recueillis par",
    "recueilli par",
    "de notre correspondant",
    "de notre correspondante",
    "de notre envoye",
    "de nos envoyes",
    "correspondance particuliere",
];

struct Wording {
    text: &'static str,
    fits: Fits,
    cue: Cue,
}

/// All wordings by their first word.
static WORDINGS: LazyLock<HashMap<&'static str, Vec<Wording>, foldhash::fast::FixedState>> =
    LazyLock::new(|| {
        use Fits::{LooseStart, Start, Whole};
        let families: [(&'static [&'static str], Fits, Cue); 15] = [
            (TAGS, Start, Cue::Drop(Reason::Tags)),
            (SHARE, LooseStart, Cue::Drop(Reason::Share)),
            (SHARE_WHOLE, Whole, Cue::Drop(Reason::Share)),
            (NOTICE, LooseStart, Cue::Drop(Reason::Notice)),
            (NOTICE_WHOLE, Whole, Cue::Drop(Reason::Notice)),
            (CREDIT, Start, Cue::Drop(Reason::Credit)),
            (AGENCIES, Whole, Cue::Drop(Reason::Credit)),
            (NAVIGATION, LooseStart, Cue::Drop(Reason::Navigation)),
            (NAVIGATION_WHOLE, Whole, Cue::Drop(Reason::Navigation)),
            (DATELINE, LooseStart, Cue::Drop(Reason::Dateline)),
            (CLOSING, Whole, Cue::Closing(Reason::Teaser)),
            (COMMENTS, Whole, Cue::Closing(Reason::Comments)),
            (INLINE, Whole, Cue::Inline),
            // « Sur le même sujet : Trafic au port » is one link.
            (CLOSING, Start, Cue::Inline),
            (INLINE, Start, Cue::Inline),
        ];
        let mut by_word: HashMap<_, Vec<Wording>, _> = HashMap::default();
        for (family, fits, cue) in families {
            for text in family {
                by_word.entry(first_word(text)).or_default().push(Wording { text, fits, cue });
            }
        }
        by_word
    });

fn first_word(plain: &str) -> &str {
    let end = plain.find(|c: char| !c.is_alphanumeric()).unwrap_or(plain.len());
    // A line that begins with a mark goes by the mark.
    let end = if end == 0 { plain.chars().next().map_or(0, char::len_utf8) } else { end };
    &plain[..end]
}

/// Lower case, without accents, every space a plain one: how wording is compared.
pub(super) fn plain(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    fold_without_accents(line, &mut plain);
    // The bytes that these spaces begin with: most lines have none of them.
    let may_hold = plain.bytes().fold(false, |found, b| found | matches!(b, b'\t' | 0xC2 | 0xE2));
    if may_hold && plain.contains(['\u{A0}', '\u{202F}', '\t']) {
        plain = plain.replace(['\u{A0}', '\u{202F}', '\t'], " ");
    }
    plain
}

/// Without the marks that sites put before their links.
fn without_bullet(plain: &str) -> &str {
    plain.trim_start_matches(|c: char| !c.is_alphanumeric() && !"«\"“(©'".contains(c))
}

/// What the wording of a line says; `plain` is the line as [`plain`] writes it.
pub(super) fn cue(plain: &str) -> Cue {
    let own = without_bullet(plain);
    // « 12 commentaires »
    let uncounted = own.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    for line in [own, uncounted] {
        if let Some(cue) = find(line) {
            return cue;
        }
        if own.len() == uncounted.len() {
            break;
        }
    }
    let holds_mark = holds_mark(own);
    if holds_mark && is_follow_line(own) {
        return Cue::Drop(Reason::Share);
    }
    if let Some(reason) = row_of_links(own) {
        return Cue::Drop(reason);
    }
    let holds_slash = memchr(b'/', own.as_bytes()).is_some();
    if holds_slash && is_signature(own) {
        return Cue::Drop(Reason::Credit);
    }
    if (holds_mark || holds_slash) && is_photo_credit(own) {
        return Cue::Drop(Reason::Caption);
    }
    if holds_mark { banner(own) } else { Cue::None }
}

/// Whether a line holds what may make it furniture wherever it stands in it: most lines do not, which two quick searches tell.
fn holds_mark(plain: &str) -> bool {
    plain.contains('©') || MARKS.is_match(plain)
}

/// The marks but for the shortest: as long as it is, all would be looked for by their first two bytes instead of four. Leftmost matches, and no others,
/// are looked for at many places at once.
static MARKS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let inside = INSIDE.iter().map(|(wording, _)| *wording);
    let marks = inside.chain(OWNER_MARKS).chain(FOLLOW_VERBS).filter(|mark| *mark != "©");
    let mut builder = AhoCorasick::builder();
    builder.kind(Some(AhoCorasickKind::DFA)).match_kind(MatchKind::LeftmostFirst);
    builder.build(marks).expect("a few short wordings make a small automaton")
});

/// « Partager Tweeter Offrir l’article »: links that lost the space between them to the flattening.
fn row_of_links(plain: &str) -> Option<Reason> {
    let mut rest = plain;
    let mut row = None;
    let mut links = 0;
    while !rest.is_empty() {
        let wordings = WORDINGS.get(first_word(rest))?;
        let longest = wordings
            .iter()
            .filter(|w| w.fits != Fits::Start && rest.starts_with(w.text))
            .filter_map(|w| match w.cue {
                Cue::Drop(reason) => Some((w.text.len(), reason)),
                _ => None,
            })
            .filter(|(length, _)| !rest[*length..].starts_with(|c: char| c.is_alphanumeric()))
            .max_by_key(|(length, _)| *length)?;
        row = row.or(Some(longest.1));
        links += 1;
        rest = rest[longest.0..]
            .trim_start_matches([' ', '|', '-', '•', '·', ',', '/', '(', ')', '0']);
    }
    row.filter(|_| links >= 2)
}

/// « mk/sd/kam »: the initials of an agency's writers.
fn is_signature(plain: &str) -> bool {
    let mut initials = plain.split('/');
    (2..=5).contains(&initials.clone().count())
        && initials.all(|i| (2..=4).contains(&i.len()) && i.bytes().all(|b| b.is_ascii_lowercase()))
}

/// What stands before the owner of a photograph.
const OWNER_MARKS: [&str; 8] =
    ["©", "photo :", "photo:", "photos :", "ph :", "credit :", "credits :", "(photo "];

/// « … à Genève, le 3 mai. © AFP / A. Monnet », « KEYSTONE/A. Monnet »
fn is_photo_credit(plain: &str) -> bool {
    const LONGEST: usize = 70;
    const AGENCIES: [&str; 16] = [
        "afp",
        "reuters",
        "keystone",
        "sipa",
        "getty",
        "belga",
        "maxppp",
        "abaca",
        "shutterstock",
        "istock",
        "anadolu",
        "epa",
        "hans lucas",
        "adobe stock",
        "aps",
        "map",
    ];
    let owner = OWNER_MARKS.iter().find_map(|mark| plain.rsplit_once(mark));
    if let Some((_, owner)) = owner {
        return owner.len() <= LONGEST && owner.split(' ').count() <= 10;
    }
    let is_short = plain.len() <= LONGEST && plain.split(' ').count() <= 6 && !plain.ends_with('.');
    is_short
        && plain.contains('/')
        && AGENCIES.iter().any(|agency| {
            plain
                .split(|c: char| !(c.is_alphanumeric() || c == ' '))
                .any(|part| part.trim() == *agency)
        })
}

/// « La rapporteure, au Sénat. ELSA QUINIOU / AGENCE », « Le tribunal, à Bellinzone. [Keystone - A. Monnet] »: what a caption ends in,
/// as it is written.
pub(super) fn ends_in_credit(text: &str) -> bool {
    if !text.ends_with(']') && memchr(b'/', text.as_bytes()).is_none() {
        return false;
    }
    let bracket = text.strip_suffix(']').and_then(|line| line.rsplit_once('['));
    if let Some((_, inside)) = bracket {
        let words = inside.split_whitespace().count();
        return (2..=8).contains(&words) && inside.contains(['-', '/', '@']);
    }
    let tail = text.rsplit_once(['.', '»', ')', '|']).map_or(text, |(_, tail)| tail).trim();
    let letters = || tail.chars().filter(|c| c.is_alphabetic());
    tail.contains('/')
        && (2..=9).contains(&tail.split_whitespace().count())
        && letters().count() >= 8
        && letters().all(char::is_uppercase)
}

fn find(line: &str) -> Option<Cue> {
    let wordings = WORDINGS.get(first_word(line.trim_start_matches('(')))?;
    let whole = line.trim_start_matches('(').trim_end_matches([
        ':', '.', ' ', '…', '!', '?', ')', ']', '>', '›', '»', '→', '-', '(', '+', '|', '↓', '▼',
    ]);
    // « Commentaires (12) »
    let uncounted = whole.trim_end_matches(|c: char| c.is_ascii_digit() || " (:".contains(c));
    let is_stopped = line.ends_with('.') && !line.ends_with("..");
    let mut sentence = None;
    for wording in wordings {
        let fits = match wording.fits {
            // « RÉACTIONS. » begins a dispatch.
            Fits::Whole => {
                let is_heading = matches!(wording.cue, Cue::Closing(_) | Cue::Inline);
                (whole == wording.text || uncounted == wording.text) && !(is_heading && is_stopped)
            }
            Fits::Start => line.strip_prefix(wording.text).is_some_and(|rest| match wording.cue {
                Cue::Inline | Cue::Closing(_) => rest
                    .trim_start()
                    .trim_start_matches(')')
                    .starts_with([':', '|', '>', '–', '→', '»', '›', '—', '►', '▶']),
                Cue::Drop(Reason::Tags) => {
                    rest.is_empty() || rest.trim_start().starts_with([':', '|', '#', '>'])
                }
                _ => true,
            }),
            Fits::LooseStart => {
                let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric());
                line.strip_prefix(wording.text).is_some_and(|rest| {
                    (ends(rest) || wording.text.ends_with(['\'', ' ', '@']))
                        && !*sentence.get_or_insert_with(|| reads_like_a_sentence(line, wording))
                })
            }
        };
        if fits {
            return Some(wording.cue);
        }
    }
    None
}

/// « Partager les richesses est un choix. » is a sentence; « Partagez cet article. » is furniture with a full stop.
fn reads_like_a_sentence(line: &str, wording: &Wording) -> bool {
    const LONGEST_LINK: usize = 12;
    let is_long = line.ends_with(['.', '»', ',']) && line.split(' ').count() > LONGEST_LINK;
    // « Vous avez atteint la limite » may be said to anybody, « il vous reste un an » in any interview.
    let is_talk =
        ["vous ", "il vous ", "avec "].iter().any(|start| wording.text.starts_with(start));
    (is_long || is_talk) && !speaks_of_the_site(line)
}

/// What sites and their readers have to do with each other.
fn speaks_of_the_site(line: &str) -> bool {
    const MATTERS: &[&str] = &[
        "traceur",
        "partenaires",
        "abonn",
        "newsletter",
        "cookies",
        "article",
        "inscri",
        "votre compte",
        "un compte",
        "connect",
        "navigat",
        "bloqueur",
        "adresse",
        "e-mail",
        "courriel",
        "notre journal",
        "nos journalistes",
        "gratuit",
        "publicit",
        "%",
        "facebook",
        "whatsapp",
        "notification",
        "javascript",
        "contenu",
        "application",
    ];
    MATTERS.iter().any(|matter| line.contains(matter))
}

const FOLLOW_VERBS: [&str; 3] = ["suivez", "rejoignez", "retrouvez"];

/// « Suivez le journal sur WhatsApp »
fn is_follow_line(plain: &str) -> bool {
    const PLACES: [&str; 10] = [
        "google news",
        "google actualites",
        "google discover",
        "whatsapp",
        "facebook",
        "twitter",
        "telegram",
        "instagram",
        "linkedin",
        "reseaux sociaux",
    ];
    let follows =
        |verb: &str| plain.find(verb).is_some_and(|at| at == 0 || plain.as_bytes()[at - 1] == b' ');
    plain.len() <= 140
        && FOLLOW_VERBS.into_iter().any(follows)
        && PLACES.iter().any(|place| plain.contains(place))
}

/// What stands inside of notices.
const INSIDE: &[(&str, Reason)] = &[
    ("utilise des cookies", Reason::Notice),
    ("utilisons des cookies", Reason::Notice),
    ("utilisent des cookies", Reason::Notice),
    ("cookies et autres traceurs", Reason::Notice),
    ("politique de confidentialite", Reason::Notice),
    ("conditions generales d'utilisation", Reason::Notice),
    ("lien de desinscription", Reason::Notice),
    ("notre newsletter", Reason::Notice),
    ("nos newsletters", Reason::Notice),
    ("inscrivez-vous a ", Reason::Notice),
    ("abonnez-vous a ", Reason::Notice),
    ("vous desabonner", Reason::Notice),
    ("vous desinscrire", Reason::Notice),
    ("votre boite mail", Reason::Notice),
    ("votre boite de reception", Reason::Notice),
    ("nos offres d'abonnement", Reason::Notice),
    ("reserve aux abonnes", Reason::Notice),
    ("reserve a nos abonnes", Reason::Notice),
    ("reservee aux abonnes", Reason::Notice),
    ("reservee a nos abonnes", Reason::Notice),
    ("tous droits reserves", Reason::Credit),
    ("all rights reserved", Reason::Credit),
    ("telechargez notre application", Reason::Notice),
    ("champs obligatoires", Reason::Comments),
];

/// Notices that are known by what stands inside them.
fn banner(plain: &str) -> Cue {
    let found = INSIDE.iter().find(|(inside, _)| plain.contains(inside));
    // « Selon la Cnil, le site utilise des cookies sans accord. » tells, and asks nothing of its reader.
    let tells = || {
        let addressed = [
            " vous ",
            "votre",
            " vos ",
            "nous ",
            " nos ",
            "notre",
            "droits",
            "rights",
            "obligatoires",
        ];
        plain.ends_with('.') && !addressed.iter().any(|word| plain.contains(word))
    };
    found.filter(|_| !tells()).map_or(Cue::None, |(_, reason)| Cue::Drop(*reason))
}

/// What a line says that is as long as a paragraph, by its first `bytes`: only notices to the reader and legal notes are.
pub(super) fn long_cue(line: &str, bytes: usize) -> Cue {
    if begins_like_text(line) {
        return Cue::None;
    }
    let start = plain(beginning(line, bytes));
    match find(without_bullet(&start)) {
        Some(drop) if is_long(drop) && asks_the_reader(&start) => drop,
        _ => Cue::None,
    }
}

/// What lines may say that are as long as paragraphs.
fn is_long(cue: Cue) -> bool {
    matches!(cue, Cue::Drop(Reason::Notice | Reason::Credit))
}

/// Whether the first words of a long line are those of a paragraph: no wording begins with them that long lines have.
fn begins_like_text(line: &str) -> bool {
    if let Some(first) = ascii_word(line, &mut [0; LONGEST_WORD])
        && !LONG_WORDINGS.contains_key(first)
    {
        return true;
    }
    let start = plain(beginning(line, LONGEST_START));
    let own = without_bullet(&start);
    let inside = own.trim_start_matches('(');
    let word = first_word(inside);
    let Some(wordings) = LONG_WORDINGS.get(word) else { return word.len() < inside.len() };
    let may_begin = |own: &str, wording: &str| own.starts_with(wording) || wording.starts_with(own);
    word.len() < inside.len()
        && !wordings.iter().any(|wording| may_begin(own, wording) || may_begin(inside, wording))
}

/// Wordings that long lines may have, by their first word.
static LONG_WORDINGS: LazyLock<
    HashMap<&'static str, Vec<&'static str>, foldhash::fast::FixedState>,
> = LazyLock::new(|| {
    let mut long: HashMap<_, Vec<_>, _> = HashMap::default();
    for wording in WORDINGS.values().flatten().filter(|wording| is_long(wording.cue)) {
        long.entry(first_word(wording.text)).or_default().push(wording.text);
    }
    long
});

/// The first word of a line that begins with one of ASCII, in small letters: what [`first_word`] says of the line as [`plain`] writes it, without writing
/// it. `None` of longer words than wordings begin with, and where what follows could join with its last letter.
fn ascii_word<'w>(line: &str, word: &'w mut [u8; LONGEST_WORD]) -> Option<&'w str> {
    let bytes = line.as_bytes();
    let end = bytes.iter().position(|byte| !byte.is_ascii_alphanumeric())?;
    if end == 0 || !(bytes[end].is_ascii() || line[end..].starts_with('’')) {
        return None;
    }
    let word = word.get_mut(..end)?;
    word.copy_from_slice(&bytes[..end]);
    word.make_ascii_lowercase();
    std::str::from_utf8(word).ok()
}

const LONGEST_WORD: usize = 16;

/// Bytes that the first word of most lines stands within.
const LONGEST_START: usize = 40;

/// The first `bytes` of a text, or a few fewer.
fn beginning(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn asks_the_reader(start: &str) -> bool {
    let words = [
        "cookies",
        "traceurs",
        "vos donnees",
        "votre navigation",
        "newsletter",
        "adresse",
        "reproduction",
        "droits",
        "abonn",
    ];
    words.iter().any(|word| start.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Cue {
        cue(&plain(line))
    }

    #[test]
    fn every_family_is_known() {
        use Reason::{Comments, Credit, Dateline, Navigation, Notice, Share, Tags, Teaser};
        let rows = [
            ("Aller plus loin", Cue::Closing(Teaser)),
            ("Ces articles devraient vous intéresser :", Cue::Closing(Teaser)),
            ("À LA UNE", Cue::Closing(Teaser)),
            ("Sur le même sujet : Un port sous surveillance", Cue::Inline),
            ("12 commentaires", Cue::Closing(Comments)),
            ("Commentaires (3)", Cue::Closing(Comments)),
            ("À lire aussi", Cue::Inline),
            ("» Lire aussi : Le port sous surveillance", Cue::Inline),
            ("Sujets associés : Belgique - Justice", Cue::Drop(Tags)),
            ("Mots-clés\u{A0}: justice", Cue::Drop(Tags)),
            ("Partager sur Facebook", Cue::Drop(Share)),
            ("Suivez la Gazette sur WhatsApp", Cue::Drop(Share)),
            ("Écouter l’article", Cue::Drop(Share)),
            ("Il vous reste 70 % de cet article à lire.", Cue::Drop(Notice)),
            ("S’abonner", Cue::Drop(Notice)),
            ("Ce site utilise des cookies pour mesurer son audience.", Cue::Drop(Notice)),
            ("(AFP)", Cue::Drop(Credit)),
            ("© Le Courrier du Lac", Cue::Drop(Credit)),
            ("Crédit photo : La Gazette", Cue::Drop(Credit)),
            ("Accueil > Monde > Europe", Cue::Drop(Navigation)),
            ("Retour en haut", Cue::Drop(Navigation)),
            ("Temps de lecture : 3 min", Cue::Drop(Dateline)),
        ];
        for (line, expected) in rows {
            assert_eq!(of(line), expected, "{line}");
        }
    }

    #[test]
    fn sentences_of_articles_have_no_cue() {
        for line in [
            "Partager la charge est un devoir, a-t-il dit.",
            "Sur le même sujet, il s'est tu.",
            "Suivez la route jusqu’au bac, disait le panneau.",
            "Lire et écrire ne suffit plus.",
            "Voir Naples et mourir.",
            "À la une des journaux, un seul mot.",
            "Source de tensions, le barrage divise les deux rives.",
            "Aussi le ministre a-t-il renoncé.",
            "Tags et graffitis couvraient le mur.",
            "3 commentaires ont suffi.",
            "Le port, lui, se tait.",
            "Photographe de presse, il a tout vu.",
        ] {
            assert_eq!(of(line), Cue::None, "{line}");
        }
    }

    /// Every long line that its wording tells begins so that it is looked at.
    #[test]
    fn long_lines_with_a_wording_are_not_taken_for_text() {
        let rest = " votre adresse, vos données et nos cookies".repeat(6);
        for wording in LONG_WORDINGS.values().flatten() {
            for line in [
                format!("{wording}{rest}"),
                format!("► {}{rest}", wording.to_uppercase()),
                format!("({wording}{rest}"),
            ] {
                let start = plain(beginning(&line, 220));
                let is_told = find(without_bullet(&start)).is_some_and(is_long);
                assert!(!is_told || !begins_like_text(&line), "{line}");
            }
        }
        assert_eq!(
            long_cue(&format!("Ce site utilise des cookies{rest}"), 220),
            Cue::Drop(Reason::Notice)
        );
        for text in
            ["Le ministre a dit", "L’été", "Élu en mai", "La route est", "« Il vous reste »"]
        {
            assert!(begins_like_text(&format!("{text}{rest}")), "{text}");
        }
    }

    #[test]
    fn the_first_word_is_that_of_the_folded_line() {
        for line in [
            "Le port",
            "L’été",
            "l'été",
            "ABC, d",
            "a",
            "Été",
            "e\u{301}té",
            "e\u{200B}té",
            "3 mai",
        ] {
            let folded = plain(line);
            if let Some(word) = ascii_word(line, &mut [0; LONGEST_WORD]) {
                assert_eq!(word, first_word(&folded), "{line}");
            }
        }
        assert_eq!(ascii_word("L’été", &mut [0; LONGEST_WORD]), Some("l"));
        assert_eq!(ascii_word("e\u{301}té", &mut [0; LONGEST_WORD]), None);
        assert_eq!(ascii_word("anticonstitutionnellement dit", &mut [0; LONGEST_WORD]), None);
    }

    #[test]
    fn wordings_are_written_as_they_are_compared() {
        for wording in WORDINGS.values().flatten() {
            assert_eq!(plain(wording.text), wording.text);
        }
    }
}
