"""Every word that the pages show, in English and Turkish."""

from benzer_lab._checks import one_of

LANGUAGES = {"en": "English", "tr": "Türkçe"}

WORDS = {
    "title": {"en": "Similar designs", "tr": "Benzer desenler"},
    "dark": {"en": "Dark", "tr": "Koyu"},
    "light": {"en": "Light", "tr": "Açık"},
    "find": {"en": "Find in the archive", "tr": "Arşivde bul"},
    "find_hint": {"en": "File name or design", "tr": "Dosya veya desen adı"},
    "image": {"en": "{n} image", "tr": "{n} görsel"},
    "images": {"en": "{n} images", "tr": "{n} görsel"},
    "images_found": {"en": "{n} of {images}", "tr": "{images}den {n} tanesi"},
    "nothing_found": {"en": "Nothing in the archive is called “{text}”.", "tr": "Arşivde adı “{text}” olan bir şey yok."},
    "no_picture": {"en": "No picture", "tr": "Görüntü yok"},
    "similar": {"en": "Similar to this", "tr": "Buna benzerler"},
    "query": {"en": "Similar to", "tr": "Aranan"},
    "own_image": {"en": "Your own image", "tr": "Kendi görseliniz"},
    "start": {
        "en": "Click a design on the left, or drop an image of your own above.",
        "tr": "Soldan bir desene tıklayın ya da yukarıya kendi görselinizi bırakın.",
    },
    "hit": {"en": "The most similar of {images}", "tr": "{images}den en benzeri"},
    "hits": {"en": "The {n} most similar of {images}", "tr": "{images}den en benzer {n} tanesi"},
    "no_hits": {"en": "No image passes these filters. Take one away.", "tr": "Bu filtrelerden geçen görsel yok. Birini kaldırın."},
    "failed": {"en": "There is no answer to this.", "tr": "Buna yanıt verilemedi."},
    "model": {"en": "Compare by", "tr": "Karşılaştırma"},
    "color": {"en": "Color", "tr": "Renk"},
    "pattern": {"en": "Pattern", "tr": "Motif"},
    "color+pattern": {"en": "Color and pattern", "tr": "Renk ve motif"},
    "version": {"en": "Version", "tr": "Sürüm"},
    "current": {"en": "Current ({version})", "tr": "Güncel ({version})"},
    "metric": {"en": "Distance", "tr": "Uzaklık"},
    "own_metric": {"en": "Model's own", "tr": "Modelin ölçüsü"},
    "cosine": {"en": "Cosine", "tr": "Kosinüs"},
    "l2": {"en": "Euclidean", "tr": "Öklid"},
    "top_n": {"en": "How many", "tr": "Kaç tane"},
    "color_weight": {"en": "Share of color", "tr": "Rengin payı"},
    "one_per_design": {"en": "One per design", "tr": "Her desenden bir tane"},
    "season": {"en": "Season", "tr": "Sezon"},
    "quality": {"en": "Quality", "tr": "Kalite"},
    "features": {"en": "Features", "tr": "Özellikler"},
    "cluster": {"en": "Cluster", "tr": "Küme"},
    "clear": {"en": "Clear", "tr": "Temizle"},
    "upload": {"en": "Drop your own image here, or choose a file", "tr": "Kendi görselinizi buraya bırakın veya dosya seçin"},
    "too_large": {
        "en": "“{name}” is larger than {limit} MB. Save it smaller and try again.",
        "tr": "“{name}” {limit} MB'tan büyük. Daha küçük kaydedip yeniden deneyin.",
    },
    "preparing": {"en": "The archive is being made ready", "tr": "Arşiv hazırlanıyor"},
    "waiting": {"en": "Another process is making the sample archive.", "tr": "Örnek arşivi başka bir süreç hazırlıyor."},
    "drawing": {"en": "Drawing the sample designs.", "tr": "Örnek desenler çiziliyor."},
    "extracting": {"en": "Extracting features: {done} of {total}.", "tr": "Özellikler çıkarılıyor: {done} / {total}."},
    "opening": {"en": "Opening the archive.", "tr": "Arşiv açılıyor."},
    "ready": {"en": "Ready.", "tr": "Hazır."},
    "preparing_note": {
        "en": "This happens once. The page opens by itself.",
        "tr": "Bu yalnızca bir kez olur. Sayfa kendiliğinden açılır.",
    },
    "unprepared": {"en": "There is nothing to show yet", "tr": "Henüz gösterecek bir şey yok"},
}


class Words:
    """The catalog in one language.

    Parameters
    ----------
    language : {'en', 'tr'}
        Which one.
    """

    def __init__(self, language: str) -> None:
        self.language = one_of(language, LANGUAGES, caller="Words", name="language")

    def __call__(self, key: str, **values: object) -> str:
        """Return a text, with whole numbers grouped as the language does."""
        shown = {name: self.number(value) if isinstance(value, int) else value for name, value in values.items()}
        return WORDS[key][self.language].format(**shown)

    def images(self, n: int) -> str:
        """Return how many images: 1 image, 2 images."""
        return self("image" if n == 1 else "images", n=n)

    def model(self, name: str) -> str:
        """Return what a model is called; one that a user made keeps its name."""
        return self(name) if name in ("color", "pattern", "color+pattern") else name

    def number(self, value: float, decimals: int = 0) -> str:
        """Return a number as the language writes it: 1,234.5 or 1.234,5."""
        text = f"{value:,.{decimals}f}"
        return text.translate(str.maketrans(",.", ".,")) if self.language == "tr" else text
