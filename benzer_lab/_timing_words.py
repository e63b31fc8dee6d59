"""What reports and charts of timings say, in both languages."""

import math
from typing import Any

LANGUAGES = ("en", "tr")
CLOSE = 5  # digits of a quality beside the one that was asked for, which may be just above it
WORDS: dict[str, tuple[str, str]] = {
    "why_no_gpu": (
        "Faiss finds no GPU here. To fill this row, install benzer-lab[gpu] where there is one, and run the same command.",
        "Faiss burada GPU bulamadı. Bu satırı doldurmak için GPU'lu bir makineye benzer-lab[gpu] kurup aynı komutu çalıştırın.",
    ),
    "why_missing": (
        "{library} is not installed here. To fill this row: pip install {library}.",
        "{library} burada kurulu değil. Bu satırı doldurmak için: pip install {library}.",
    ),
    "why_fell": ("It gave no answer: {error}.", "Yanıt vermedi: {error}."),
    "why_threads": (
        "It had {used} threads, where the limit for all was {allowed}.",
        "Herkes için sınır {allowed} iken {used} iş parçacığı vardı.",
    ),
    "why_not_warm": (
        "It was not warmed up, so that its cold first answers count.",
        "Isındırılmadı; soğuk ilk yanıtları da sayıldı.",
    ),
    "why_cold": (
        "Its first answer was cold: {first} ms of processor time, against {later} later.",
        "İlk yanıtı soğuktu: {first} ms işlemci süresi; sonrakiler {later} ms.",
    ),
    "why_rounds": (
        "It was measured in {rounds} rounds, the others in {others}.",
        "{rounds} turda ölçüldü, diğerleri {others} turda.",
    ),
    "why_quality": (
        "Its answers fall short: {quality} {got}, where {asked} was asked for.",
        "Yanıtları yetersiz: {quality} {got}; istenen {asked}.",
    ),
    "why_no_quality": ("How good its answers are is not known.", "Yanıtlarının ne kadar iyi olduğu bilinmiyor."),
    "note_rounds": (
        "{rounds} of {asked} rounds: the time allowed was used up.",
        "{asked} turun {rounds} kadarı: ayrılan süre doldu.",
    ),
    "recall": ("recall", "duyarlık"),
    "inertia": ("inertia", "eylemsizlik"),
    "trustworthiness": ("trustworthiness", "güvenilirlik"),
    "same": ("same answers", "aynı yanıtlar"),
    "title_search": ("The {k} nearest of {n} rows", "{n} satır içinde en yakın {k}"),
    "title_filters": (
        "The {k} nearest of {n} rows, of which {share} pass a filter",
        "{share} kadarı filtreden geçen {n} satır içinde en yakın {k}",
    ),
    "title_kmeans": ("{n_clusters} clusters of {n} rows", "{n} satırdan {n_clusters} küme"),
    "title_layout": ("A map of {n} rows", "{n} satırın haritası"),
    "title_extraction": ("Features of {n} images", "{n} görselin öznitelikleri"),
    "title_request": (
        "A click: {k} look-alikes of {n} designs, as JSON",
        "Bir tıklama: {n} desen içinden {k} benzer, JSON olarak",
    ),
    "engine": ("engine", "motor"),
    "device": ("device", "aygıt"),
    "median": ("median ms (5 to 95 %)", "ortanca ms (%5 - %95)"),
    "milliseconds": ("milliseconds", "milisaniye"),
    "cpu": ("processor ms", "işlemci ms"),
    "build": ("ready after s", "hazırlanma s"),
    "memory": ("memory MB", "bellek MB"),
    "threads": ("threads", "iş parçacığı"),
    "n": ("rows", "satır"),
    "faster": ("times as fast as {baseline}", "{baseline} karşısında kat hız"),
    "setting": ("effort", "çaba"),
    "machine": ("machine", "makine"),
    "why": ("why it is not compared", "neden karşılaştırılmıyor"),
    "note": ("note", "not"),
    "not_compared": ("Not compared", "Karşılaştırılmayanlar"),
    "not_comparable": ("not comparable", "karşılaştırılamaz"),
    "no_comparable": ("No row may be compared with another.", "Birbiriyle karşılaştırılabilecek satır yok."),
    "pareto": ("none is faster and better", "hem daha hızlı hem daha iyisi yok"),
    "machine_heading": ("The machine", "Makine"),
    "how_heading": ("How this was measured", "Nasıl ölçüldü"),
    "processor": ("processor", "işlemci"),
    "cores": ("cores", "çekirdek"),
    "system": ("system", "sistem"),
    "versions": ("versions", "sürümler"),
    "blas": ("matrix products (BLAS and its core)", "matris çarpımı (BLAS ve çekirdeği)"),
    "gpus": ("GPUs that Faiss can use", "Faiss'in kullanabildiği GPU'lar"),
    "load": ("load of the last minute, before and after", "son dakikanın yükü, önce ve sonra"),
    "others": ("cores that other processes used meanwhile", "bu sırada başka süreçlerin kullandığı çekirdek"),
    "when": ("when", "ne zaman"),
    "none": ("none", "yok"),
    "unknown": ("unknown", "bilinmiyor"),
    "busy": (
        "This machine was busy, others used its cores meanwhile: measure again on a free one before you quote these figures.",
        "Bu makine meşguldü, çekirdeklerini başkaları da kullandı: bu değerleri aktarmadan önce boş bir makinede yeniden ölçün.",
    ),
    "how_rounds": (
        "In each of {rounds} rounds all engines answered the same {each} questions in turn, another one first each time, after a warm-up.",
        "Isındıktan sonra {rounds} turun her birinde tüm motorlar aynı {each} soruyu sırayla, her seferinde başka biri önce, yanıtladı.",
    ),
    "how_threads": (
        "Each ran in a process of its own, with {threads} threads on the same cores.",
        "Her biri kendi sürecinde, aynı çekirdeklerde {threads} iş parçacığıyla çalıştı.",
    ),
    "how_quality": (
        "How good the answers are ({quality}) is that of the very answers that were timed; who falls short is not compared.",
        "Yanıtların niteliği ({quality}), süresi ölçülen yanıtlardandır; istenene ulaşamayan karşılaştırılmaz.",
    ),
    "how_ratio": (
        "A ratio is the median over rounds of the ratio of a round's medians, within one run on one machine.",
        "Oran, tek makinedeki tek çalışmada, tur ortancalarının oranlarının turlar üzerindeki ortancasıdır.",
    ),
    "how_memory": (
        "Memory is what a process and the largest it starts add at their peak, mapped files aside; ready after is what building took.",
        "Bellek, sürecin ve başlattığı en büyüğünün en çok eklediğidir, eşlenen dosyalar hariç; hazırlanma, kurulumun süresidir.",
    ),
    "how_effort": (
        "Engines that can work harder had the least effort that reaches the recall for these very queries; finding it is not timed.",
        "Daha çok çalışabilen motorlara, bu sorgular için istenen duyarlığa ulaşan en az çaba verildi; onu bulmak ölçülmedi.",
    ),
    "how_data_generated": (
        "The data are generated. Rows of your own images may be nearer to each other, or further apart: measure them, too.",
        "Veriler üretilmiştir. Kendi görsellerinizin satırları daha yakın ya da daha uzak olabilir: onları da ölçün.",
    ),
    "how_data_archive": ("The data are those of {source}.", "Veriler {source} arşivinindir."),
}


class Words:
    """What is said, in one language.

    Parameters
    ----------
    language : {'en', 'tr'}
        Which.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._column = LANGUAGES.index(language)

    def __call__(self, code: str, /, **values: Any) -> str:
        """Return a word or a sentence; numbers in it are written as the language does, a name of a quality is translated."""
        digits = CLOSE if code == "why_quality" else 3
        return WORDS[code][self._column].format(**{name: self._value(value, digits) for name, value in values.items()})

    def _value(self, value: Any, digits: int) -> str:
        """Return a value in a sentence."""
        if isinstance(value, float | int):
            return self.number(value, digits)
        return self(value) if value in ("recall", "inertia", "trustworthiness", "same") else str(value)

    def number(self, value: float, digits: int = 3) -> str:
        """Return a number; a fraction to at least so many significant digits."""
        if math.isnan(value):
            return ""
        decimals = 0 if isinstance(value, int) or not value else min(digits + 1, max(0, digits - 1 - math.floor(math.log10(abs(value)))))
        text = f"{value:,.{decimals}f}"
        return text if self.language == "en" else text.translate(str.maketrans(",.", ".,"))

    def share(self, value: float) -> str:
        """Return a part of all in percent."""
        number = f"{100 * value:g}"
        return f"{number} %" if self.language == "en" else f"%{number.replace('.', ',')}"
