"""The words of the page of timings, and how it writes what was measured."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from benzer_lab.views.words import WORDS, Words

TIMING_WORDS = {
    "q_search": {"en": "Search", "tr": "Arama"},
    "q_filters": {"en": "Filters", "tr": "Filtreler"},
    "q_kmeans": {"en": "K-means", "tr": "K-ortalama"},
    "q_layout": {"en": "Map", "tr": "Harita"},
    "q_extraction": {"en": "Extraction", "tr": "Çıkarım"},
    "q_request": {"en": "The whole click", "tr": "Bütün tıklama"},
    "asks_search": {
        "en": "How long does it take to find the nearest designs of one, and how many of the true ones are found?",
        "tr": "Bir desenin en yakınlarını bulmak ne kadar sürer ve gerçek yakınların kaçı bulunur?",
    },
    "asks_filters": {
        "en": "How long does a search take among only those designs that pass a filter, and is any of them lost?",
        "tr": "Yalnızca filtreden geçen desenler arasında arama ne kadar sürer ve aralarından kaybolan olur mu?",
    },
    "asks_kmeans": {
        "en": "How long does it take to group all designs, and how tight are the groups?",
        "tr": "Bütün desenleri kümelemek ne kadar sürer ve kümeler ne kadar sıkıdır?",
    },
    "asks_layout": {
        "en": "How long does a map of all designs take, and how far are neighbors on it neighbors in truth?",
        "tr": "Bütün desenlerin haritası ne kadar sürer ve haritadaki komşular ne ölçüde gerçekten komşudur?",
    },
    "asks_extraction": {
        "en": "How long does it take to describe an image, so that it can be compared?",
        "tr": "Bir görseli karşılaştırılabilecek biçimde betimlemek ne kadar sürer?",
    },
    "asks_request": {
        "en": "How long does a designer wait from the click to the list of look-alikes, against the existing system?",
        "tr": "Tasarımcı tıklamadan benzerler listesine kadar, mevcut sisteme kıyasla ne kadar bekler?",
    },
    "measure_here": {"en": "Measure here", "tr": "Burada ölç"},
    "kept_runs": {"en": "Kept runs", "tr": "Saklanan ölçümler"},
    "data": {"en": "Rows", "tr": "Satırlar"},
    "generated": {"en": "Generated", "tr": "Üretilmiş"},
    "its_images": {"en": "its images", "tr": "görselleri"},
    "of_archive": {"en": "This archive: {model}", "tr": "Bu arşiv: {model}"},
    "sizes": {"en": "How many rows", "tr": "Kaç satır"},
    "sizes_note": {"en": "Several show how time grows.", "tr": "Birden çoğu sürenin nasıl arttığını gösterir."},
    "engines": {"en": "Engines", "tr": "Motorlar"},
    "rounds": {"en": "Rounds", "tr": "Tur sayısı"},
    "minutes": {"en": "At most, minutes", "tr": "En çok, dakika"},
    "run": {"en": "Measure", "tr": "Ölç"},
    "measuring": {"en": "Measuring", "tr": "Ölçülüyor"},
    "measuring_part": {"en": "Measuring: {done} of {total}", "tr": "Ölçülüyor: {done} / {total}"},
    "run_stopped": {"en": "Stopped. Of that run nothing was kept.", "tr": "Durduruldu. O ölçümden bir şey saklanmadı."},
    "run_busy": {
        "en": "Another run is being measured on this machine, and each would disturb the other. Try again when it has ended.",
        "tr": "Bu makinede başka bir ölçüm sürüyor; ikisi birbirini bozardı. O bitince yeniden deneyin.",
    },
    "run_late": {
        "en": "The time was over before the run. Choose fewer engines, fewer rows, or more minutes.",
        "tr": "Süre ölçüm bitmeden doldu. Daha az motor, daha az satır ya da daha çok dakika seçin.",
    },
    "never_measured": {"en": "Nothing was measured yet", "tr": "Henüz bir ölçüm yok"},
    "measure_first": {
        "en": "Choose what to measure and press “{run}”, or open a run that was measured elsewhere.",
        "tr": "Neyin ölçüleceğini seçip “{run}” düğmesine basın ya da başka yerde ölçülmüş bir çalışmayı açın.",
    },
    "upload_run": {"en": "Drop a run here (.parquet), or choose one", "tr": "Bir ölçümü (.parquet) buraya bırakın ya da seçin"},
    "run_too_large": {"en": "“{name}” is too large for a run of timings.", "tr": "“{name}” bir ölçüm için çok büyük."},
    "set_beside": {"en": "Set beside: {name}", "tr": "Yanına koy: {name}"},
    "take_from_beside": {"en": "Take away: {name}", "tr": "Kaldır: {name}"},
    "bars": {"en": "Time", "tr": "Süre"},
    "recall_kind": {"en": "Time against {quality}", "tr": "Süre – {quality}"},
    "growth": {"en": "Growth", "tr": "Büyüme"},
    "table": {"en": "All figures of this run", "tr": "Bu ölçümün bütün sayıları"},
    "apart": {"en": "Not comparable", "tr": "Karşılaştırılamaz"},
    "engine": {"en": "Engine", "tr": "Motor"},
    "rows": {"en": "Rows", "tr": "Satır"},
    "machine": {"en": "Machine", "tr": "Makine"},
    "median": {"en": "Median", "tr": "Ortanca"},
    "spread": {"en": "5 to 95 %", "tr": "%5–95"},
    "cpu": {"en": "CPU", "tr": "İşlemci"},
    "build": {"en": "Build", "tr": "Hazırlık"},
    "memory": {"en": "Memory", "tr": "Bellek"},
    "recall_of": {"en": "Recall", "tr": "Duyarlık"},
    "trust_of": {"en": "Trustworthiness", "tr": "Güvenilirlik"},
    "inertia": {"en": "Inertia", "tr": "Eylemsizlik"},
    "same": {"en": "Same answers", "tr": "Aynı yanıtlar"},
    "baseline": {"en": "reference", "tr": "referans"},
    "faster": {"en": "Faster", "tr": "Hız oranı"},
    "at_most": {"en": "The line above is of the largest size, {n}.", "tr": "Yukarıdaki satır en büyük boy içindir: {n}."},
    "image_rows": {"en": "Images", "tr": "Görsel"},
    "image_sizes": {"en": "How many images", "tr": "Kaç görsel"},
    "ms": {"en": "{n} ms", "tr": "{n} ms"},
    "s": {"en": "{n} s", "tr": "{n} sn"},
    "mb": {"en": "{n} MB", "tr": "{n} MB"},
    "times": {"en": "{n} ×", "tr": "{n} ×"},
    "fastest": {"en": "{engine} is the fastest: {time}", "tr": "En hızlısı {engine}: {time}"},
    "fastest_by": {
        "en": "{engine} is the fastest: {time}, {ratio} times as fast as {baseline}",
        "tr": "En hızlısı {engine}: {time}; {baseline} motorunun {ratio} katı hızlı",
    },
    "was_busy": {"en": "The machine was busy: measure again", "tr": "Makine meşguldü: yeniden ölçün"},
    "equals": {
        "en": "{engines} are the fastest, and equal within their spread: {time}",
        "tr": "En hızlıları, yayılımları içinde eşit: {engines}, {time}",
    },
    "nothing_compares": {"en": "Nothing in this run can be compared", "tr": "Bu ölçümde karşılaştırılabilecek bir şey yok"},
    "runs_beside": {"en": "{n} runs side by side", "tr": "{n} ölçüm yan yana"},
    "within": {
        "en": "A ratio holds within one machine and one run only.",
        "tr": "Bir oran yalnızca tek bir makine ve ölçüm içinde geçerlidir.",
    },
    "at_rows": {"en": "{n} rows", "tr": "{n} satır"},
    "busy": {
        "en": "Others used {others} of its {cores} cores on average.",
        "tr": "Başka işler {cores} çekirdekten ortalama {others} tanesini kullandı.",
    },
    "busy_load": {"en": "Its load was {load} before, with {cores} cores.", "tr": "Önceki yükü {load} idi, çekirdek sayısı {cores}."},
    "not_quoted": {
        "en": "An engine with several threads then waits for a core, the next one does not:"
        " neither these times nor their ratios are to be quoted.",
        "tr": "Çok iş parçacıklı bir motor o zaman çekirdek bekler, diğeri beklemez: bu süreler de oranları da kaynak gösterilmemelidir.",
    },
    "how": {"en": "How this was measured", "tr": "Bu nasıl ölçüldü"},
    "how_not": {
        "en": "What it does not say: how another machine, other designs or many visitors at once would do."
        " Times of different machines are not divided by each other.",
        "tr": "Şunları söylemez: başka bir makinede, başka desenlerle ya da aynı anda çok sayıda ziyaretçiyle ne olacağını."
        " Farklı makinelerin süreleri birbirine bölünmez.",
    },
    "save": {"en": "Save", "tr": "Kaydet"},
    "format_markdown": {"en": "Markdown", "tr": "Markdown"},
    "format_html": {"en": "HTML", "tr": "HTML"},
    "format_parquet": {"en": "Parquet", "tr": "Parquet"},
    "format_csv": {"en": "CSV", "tr": "CSV"},
    "m_when": {"en": "Measured", "tr": "Ölçüldü"},
    "m_processor": {"en": "Processor", "tr": "İşlemci"},
    "m_cores": {"en": "Cores", "tr": "Çekirdek"},
    "m_threads": {"en": "Threads", "tr": "İş parçacığı"},
    "m_gpus": {"en": "GPU", "tr": "GPU"},
    "m_no_gpu": {"en": "None that Faiss can use", "tr": "Faiss'in kullanabileceği yok"},
    "m_load_before": {"en": "Load before", "tr": "Önceki yük"},
    "m_load_after": {"en": "Load after", "tr": "Sonraki yük"},
    "m_others": {"en": "Cores that others used", "tr": "Başkalarının kullandığı çekirdek"},
    "m_seconds": {"en": "Took, seconds", "tr": "Sürdü, saniye"},
    "m_faiss_built_for": {"en": "Faiss built for", "tr": "Faiss derlemesi"},
    "m_system": {"en": "System", "tr": "İşletim sistemi"},
    "m_python": {"en": "Python", "tr": "Python"},
    "m_versions": {"en": "Libraries", "tr": "Kitaplıklar"},
    "m_blas": {"en": "BLAS", "tr": "BLAS"},
    "m_asked": {"en": "Asked", "tr": "İstenen"},
}

OF_QUALITY = {"recall": "recall_of", "inertia": "inertia", "trustworthiness": "trust_of", "same": "same"}
OF_MACHINE = (  # as they are told
    *("processor", "cores", "threads", "gpus", "load_before", "load_after", "others", "seconds"),
    *("system", "python", "versions", "blas", "faiss_built_for"),
)
LEAST_MS = 0.01  # below which a time is only said to be less
NONE = "–"  # where nothing was measured


class TimingsWords(Words):
    """The catalog in one language, and how what was measured is written in it."""

    texts = WORDS | TIMING_WORDS

    def duration(self, ms: float) -> str:
        """Return a time with three figures: 0.612 ms, 12.3 ms, 4.56 s; of the least that it is less."""
        if not math.isfinite(ms):
            return NONE
        if 0 < ms < LEAST_MS:
            return "< " + self("ms", n=self.figures(LEAST_MS))
        return self("s", n=self.figures(ms / 1000)) if ms >= 1000 else self("ms", n=self.figures(ms))

    def figures(self, value: float) -> str:
        """Return a number with three figures, and all of those before its point: 0.0123, 1.23, 123, 1,234."""
        if value == 0 or not math.isfinite(value):
            return self.number(0) if value == 0 else NONE
        return self.number(value, min(6, max(0, 2 - math.floor(math.log10(abs(value))))))

    def between(self, low: float, high: float) -> str:
        """Return from which time to which: 1.36 – 1.64 ms."""
        ends = [self.duration(ms) for ms in (low, high)]
        if ends[0] == ends[1]:
            return ends[0]
        (number, _, unit), (_, _, other) = (end.rpartition(" ") for end in ends)
        return f"{number if unit == other else ends[0]} – {ends[1]}"

    def memory(self, mb: float) -> str:
        """Return how much memory."""
        return self("mb", n=self.number(mb, 1 if mb < 10 else 0)) if math.isfinite(mb) else NONE

    def times(self, ratio: float) -> str:
        """Return how many times as fast; nothing where no ratio is made."""
        return self("times", n=self.figures(ratio)) if math.isfinite(ratio) else ""

    def quality(self, name: str, value: float) -> str:
        """Return how good an answer is: recall and the like with four places, which near 1 are what counts."""
        if not math.isfinite(value):
            return NONE
        return self.figures(value) if name == "inertia" else self.number(math.floor(value * 1e4 + 1e-6) / 1e4, 4)

    def run(self, machine: Mapping[str, Any]) -> str:
        """Return when and where a run was measured."""
        when, place = str(machine.get("when", "")), str(machine.get("processor", ""))
        return " · ".join(part for part in (self.moment(datetime.fromisoformat(when).astimezone()) if when else "", place) if part)

    def busy(self, machine: Mapping[str, Any]) -> str:
        """Return how much others used a busy machine."""
        others, cores = machine.get("others"), machine.get("cores", 0)
        if others is None:
            return self("busy_load", load=self._told("load_before", machine.get("load_before")), cores=cores)
        return self("busy", others=self.number(others, 1), cores=cores)

    def sized(self, sizes: Sequence[int], question: str) -> str:
        """Return how many rows, or images, were measured: 2,000 · 10,000 rows."""
        return self("images" if question == "extraction" else "at_rows", n=" · ".join(map(self.number, sizes)))

    def listed(self, names: Sequence[str]) -> str:
        """Return names in one line."""
        return ", ".join(names)

    def facts(self, machine: Mapping[str, Any], asked: Mapping[str, Any], letter: str = "") -> list[list[str]]:
        """Return what is known of the machine, which may have a letter, and of the question; what has no word of ours keeps its name."""
        known = [name for name in OF_MACHINE if name in machine]
        others = [name for name in machine if name not in (*OF_MACHINE, "when", "name", "busy")]
        facts = [[self("m_when"), letter + self.run({"when": machine.get("when", "")})]]
        facts += [[self(f"m_{name}") if name in known else name, self._told(name, machine[name])] for name in (*known, *others)]
        return [[label, text] for label, text in [*facts, [self("m_asked"), self._told("asked", asked)]] if text]

    def _told(self, name: str, value: Any) -> str:
        """Return a fact in one line."""
        if name == "gpus" and not value:
            return self("m_no_gpu")
        if name in ("load_before", "load_after"):
            return self.number(value[0], 2) if value else ""  # of the last minute
        if isinstance(value, Mapping):
            return ", ".join(f"{key} {self._told(key, one)}" for key, one in value.items() if one not in (None, "", [], {}))
        if isinstance(value, list | tuple):
            return ", ".join(self._told("", one) for one in value)
        if isinstance(value, bool) or name == "python":
            return str(value)
        if isinstance(value, int):
            return self.number(value) if name not in ("random_state",) else str(value)
        return self.number(value, 2) if isinstance(value, float) else str(value)
