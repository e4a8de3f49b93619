//! What elements are by their kind and by the names that sites give them.

use super::super::page::Reason;

/// What an element's kind and names say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// No text to read at all.
    Skipped,
    /// Furniture; where it holds more than this share of the page's paragraphs, it is not.
    Furniture(Reason, f64),
    /// The article's own text.
    Body,
    Plain,
}

/// A name that may be wrong about a page's main part.
const WEAK: f64 = 0.5;
/// A name that is hardly ever given to anything else.
const STRONG: f64 = 0.9;

/// By the element's tag and attributes. `in_article` says whether it stands inside of `article` or `main`.
pub(super) fn kind(
    tag: &str,
    attribute: impl Fn(&str) -> Option<String>,
    in_article: bool,
) -> Kind {
    use Kind::{Furniture, Plain, Skipped};
    use Reason::{Caption, Dateline, Navigation, Notice, Teaser};
    match tag {
        "script" | "style" | "template" | "noscript" | "svg" | "iframe" | "object" | "video"
        | "audio" | "canvas" | "select" | "button" | "textarea" | "head" | "map" | "picture"
        | "datalist" | "dialog" => return Skipped,
        "nav" | "menu" => return Furniture(Navigation, STRONG),
        "footer" => return Furniture(Navigation, if in_article { WEAK } else { STRONG }),
        "aside" => return Furniture(Teaser, WEAK),
        "form" => return Furniture(Notice, WEAK),
        "figcaption" => return Furniture(Caption, WEAK),
        "time" => return Furniture(Dateline, WEAK),
        "body" | "html" | "main" | "h1" => return Plain,
        // The names of formatting say nothing of what it formats.
        "a" | "em" | "strong" | "b" | "i" | "u" | "small" | "sup" | "sub" | "font" | "abbr"
        | "q" | "mark" => return Plain,
        _ => {}
    }
    if let Some(property) = attribute("itemprop") {
        match property.as_str() {
            "articleBody" => return Kind::Body,
            "author" | "datePublished" | "dateModified" => return Furniture(Dateline, WEAK),
            "keywords" => return Furniture(Reason::Tags, WEAK),
            "comment" => return Furniture(Reason::Comments, STRONG),
            _ => {}
        }
    }
    if let Some(role) = attribute("role") {
        match role.as_str() {
            "navigation" | "banner" | "contentinfo" | "search" | "menu" | "menubar" => {
                return Furniture(Navigation, STRONG);
            }
            "complementary" => return Furniture(Teaser, WEAK),
            "dialog" | "alertdialog" => return Furniture(Notice, STRONG),
            _ => {}
        }
    }
    if attribute("hidden").is_some() {
        return Furniture(Navigation, WEAK);
    }
    if let Some(style) = attribute("style") {
        let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
        if style.contains("display:none") || style.contains("visibility:hidden") {
            return Furniture(Navigation, WEAK);
        }
    }
    let names = [attribute("class"), attribute("id")].into_iter().flatten();
    let names = words(&names.collect::<Vec<_>>().join(" "));
    if tag == "article" || names.contains(" hentry ") || names.contains(" type-post ") {
        return Plain;
    }
    if BODIES.iter().any(|name| names.contains(name)) {
        return Kind::Body;
    }
    if tag == "header" {
        return if in_article { Plain } else { Furniture(Navigation, WEAK) };
    }
    // A paragraph that is to be paid for is the article's own all the same.
    if tag == "p" && names.contains("-paywall") {
        return Plain;
    }
    NAMES
        .iter()
        .find(|(name, ..)| names.contains(name))
        .map_or(Plain, |&(_, reason, share)| Furniture(reason, share))
}

/// Names as ` words joined-by dashes `, so that a whole word is looked for as ` word ` or `-word-`, a part of one as itself.
/// `relatedPosts__item` is ` -related-posts-item- `.
fn words(names: &str) -> String {
    let mut out = String::from(" ");
    for name in names.split_ascii_whitespace().take(24) {
        out.push('-');
        let mut previous = '-';
        for c in name.chars().take(80) {
            let c = if c.is_alphanumeric() { c } else { '-' };
            if c.is_uppercase() && previous.is_lowercase() {
                out.push('-');
            }
            if c != '-' || !out.ends_with('-') {
                out.extend(c.to_lowercase());
            }
            previous = c;
        }
        if !out.ends_with('-') {
            out.push('-');
        }
        out.push(' ');
    }
    // Classes that frameworks set on whole articles.
    out.replace(" -hentry- ", " hentry ")
        .replace(" -type-post- ", " type-post ")
        .replace("-elementor-widget-", "-elementor-")
}

/// Names of what holds the article's text.
const BODIES: [&str; 30] = [
    "-article-body-",
    "-articlebody-",
    "-article-content-",
    "-article-text-",
    "-article-texte-",
    "-article-corps-",
    "-article-main-",
    "-art-text-",
    "-art-content-",
    "-texte-article-",
    "-corps-article-",
    "-contenu-article-",
    "-corps-",
    "-body-article-",
    "-content-article-",
    "-entry-content-",
    "-post-content-",
    "-post-body-",
    "-story-body-",
    "-story-content-",
    "-news-text-",
    "-news-body-",
    "-single-content-",
    "-node-body-",
    "-field-name-body-",
    "-field-body-",
    "-td-post-content-",
    "-text-content-",
    "-content-text-",
    "-rich-text-",
];

/// Names of furniture, the surest first.
const NAMES: [(&str, Reason, f64); 146] = {
    use Reason::{Caption, Comments, Credit, Dateline, Navigation, Notice, Share, Tags, Teaser};
    [
        ("cookie", Notice, STRONG),
        ("-consent", Notice, STRONG),
        ("-gdpr-", Notice, STRONG),
        ("-rgpd-", Notice, STRONG),
        ("-didomi-", Notice, STRONG),
        ("-onetrust-", Notice, STRONG),
        ("-tarteaucitron", Notice, STRONG),
        ("-axeptio", Notice, STRONG),
        ("breadcrumb", Navigation, STRONG),
        ("-ariane-", Navigation, STRONG),
        ("-filariane-", Navigation, STRONG),
        ("-comments-", Comments, STRONG),
        ("-commentaires-", Comments, STRONG),
        ("-comment-", Comments, STRONG),
        ("-commentaire-", Comments, STRONG),
        ("-commentlist-", Comments, STRONG),
        ("-comment-list-", Comments, STRONG),
        ("-disqus-", Comments, STRONG),
        ("-respond-", Comments, STRONG),
        ("-reactions-", Comments, STRONG),
        ("-forum-", Comments, WEAK),
        ("-navbar-", Navigation, STRONG),
        ("-menu-", Navigation, STRONG),
        ("-nav-", Navigation, STRONG),
        ("-submenu-", Navigation, STRONG),
        ("-navigation-", Navigation, STRONG),
        ("-pagination-", Navigation, STRONG),
        ("-pager-", Navigation, STRONG),
        ("-footer-", Navigation, STRONG),
        ("-masthead-", Navigation, STRONG),
        ("-topbar-", Navigation, STRONG),
        ("-toolbar-", Navigation, STRONG),
        ("-search-", Navigation, STRONG),
        ("-recherche-", Navigation, STRONG),
        ("-skip-", Navigation, STRONG),
        ("-screen-reader", Navigation, STRONG),
        ("-sr-only-", Navigation, STRONG),
        ("-visually-hidden-", Navigation, STRONG),
        ("-visuallyhidden-", Navigation, STRONG),
        ("-prev-next-", Navigation, STRONG),
        ("outbrain", Teaser, STRONG),
        ("taboola", Teaser, STRONG),
        ("ligatus", Teaser, STRONG),
        ("-related", Teaser, WEAK),
        ("-relat-", Teaser, WEAK),
        ("-lies-", Teaser, WEAK),
        ("-associes-", Teaser, WEAK),
        ("-similar", Teaser, WEAK),
        ("-connexe", Teaser, WEAK),
        ("-recommend", Teaser, WEAK),
        ("-recommand", Teaser, WEAK),
        ("-reco-", Teaser, WEAK),
        ("-recos-", Teaser, WEAK),
        ("-recirc", Teaser, WEAK),
        ("-suggest", Teaser, WEAK),
        ("-lire-aussi-", Teaser, WEAK),
        ("-lireaussi-", Teaser, WEAK),
        ("-a-lire-", Teaser, WEAK),
        ("-alire-", Teaser, WEAK),
        ("-voir-aussi-", Teaser, WEAK),
        ("-see-also-", Teaser, WEAK),
        ("-read-also-", Teaser, WEAK),
        ("-readalso-", Teaser, WEAK),
        ("-read-more-", Teaser, WEAK),
        ("-readmore-", Teaser, WEAK),
        ("-read-next-", Teaser, WEAK),
        ("-also-", Teaser, WEAK),
        ("-plus-loin-", Teaser, WEAK),
        ("-meme-sujet-", Teaser, WEAK),
        ("-plus-lus-", Teaser, WEAK),
        ("-most-", Teaser, WEAK),
        ("-mostread-", Teaser, WEAK),
        ("-popular", Teaser, WEAK),
        ("-trending-", Teaser, WEAK),
        ("-tendances-", Teaser, WEAK),
        ("-latest-", Teaser, WEAK),
        ("-dernieres-", Teaser, WEAK),
        ("-teaser", Teaser, WEAK),
        ("-sidebar", Teaser, WEAK),
        ("-aside-", Teaser, WEAK),
        ("-widget", Teaser, WEAK),
        ("-carousel", Teaser, WEAK),
        ("-carrousel", Teaser, WEAK),
        ("-slider-", Teaser, WEAK),
        ("-slideshow-", Teaser, WEAK),
        ("-more-articles-", Teaser, WEAK),
        ("-more-news-", Teaser, WEAK),
        ("-up-next-", Teaser, WEAK),
        ("-next-article-", Teaser, WEAK),
        ("-crosslink", Teaser, WEAK),
        ("-inread-", Notice, WEAK),
        ("-newsletter", Notice, STRONG),
        ("-infolettre", Notice, STRONG),
        ("-subscri", Notice, WEAK),
        ("-abonne", Notice, WEAK),
        ("-abo-", Notice, WEAK),
        ("-paywall", Notice, WEAK),
        ("-signup-", Notice, WEAK),
        ("-login-", Notice, WEAK),
        ("-connexion-", Notice, WEAK),
        ("-popup-", Notice, WEAK),
        ("-popin-", Notice, WEAK),
        ("-modal-", Notice, WEAK),
        ("-overlay-", Notice, WEAK),
        ("-ad-", Notice, WEAK),
        ("-ads-", Notice, WEAK),
        ("-advert", Notice, WEAK),
        ("-adslot", Notice, WEAK),
        ("-pub-", Notice, WEAK),
        ("-pubs-", Notice, WEAK),
        ("-publicite", Notice, WEAK),
        ("-sponsor", Notice, WEAK),
        ("-promo-", Notice, WEAK),
        ("-banner-", Notice, WEAK),
        ("-bandeau-", Notice, WEAK),
        ("-donation", Notice, WEAK),
        ("-don-", Notice, WEAK),
        ("-share", Share, WEAK),
        ("-sharing-", Share, WEAK),
        ("-partage", Share, WEAK),
        ("-social", Share, WEAK),
        ("-reseaux-", Share, WEAK),
        ("-addthis", Share, WEAK),
        ("-sharedaddy-", Share, WEAK),
        ("-follow-", Share, WEAK),
        ("-outils-", Share, WEAK),
        ("-tools-", Share, WEAK),
        ("-tags-", Tags, WEAK),
        ("-taglist-", Tags, WEAK),
        ("-tag-list-", Tags, WEAK),
        ("-mots-cles-", Tags, WEAK),
        ("-keywords-", Tags, WEAK),
        ("-byline", Dateline, WEAK),
        ("-author", Dateline, WEAK),
        ("-auteur", Dateline, WEAK),
        ("-signature", Dateline, WEAK),
        ("-dateline-", Dateline, WEAK),
        ("-published-", Dateline, WEAK),
        ("-publication-", Dateline, WEAK),
        ("-date-", Dateline, WEAK),
        ("-timestamp-", Dateline, WEAK),
        ("-meta-", Dateline, WEAK),
        ("-caption", Caption, WEAK),
        ("-legende-", Caption, WEAK),
        ("-credit", Credit, WEAK),
        ("-copyright", Credit, WEAK),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tag: &str, class: &str) -> Kind {
        kind(tag, |name| (name == "class").then(|| class.to_owned()), false)
    }

    #[test]
    fn names_are_read_in_words() {
        use Kind::{Body, Furniture, Plain};
        let rows = [
            ("div", "relatedPosts__item", Furniture(Reason::Teaser, WEAK)),
            ("ul", "fil-ariane", Furniture(Reason::Navigation, STRONG)),
            ("p", "article__lire-aussi", Furniture(Reason::Teaser, WEAK)),
            ("div", "entry-content clearfix", Body),
            ("div", "article__body paywalled", Body),
            ("p", "article__paragraph paywall", Plain),
            ("div", "radio padding", Plain),
            ("div", "republique navette", Plain),
            ("article", "post-12 hentry tag-justice comments-open", Plain),
            ("strong", "tags", Plain),
            ("script", "", Kind::Skipped),
        ];
        for (tag, class, expected) in rows {
            assert_eq!(of(tag, class), expected, "{tag}.{class}");
        }
    }
}
