"""Every word that the pages show, in English and Turkish."""

import math
from datetime import datetime

from benzer_lab._checks import one_of
from benzer_lab.repeats import Repeat

LANGUAGES = {"en": "English", "tr": "Türkçe"}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

WORDS = {
    "title": {"en": "Similar designs", "tr": "Benzer desenler"},
    "dark": {"en": "Dark", "tr": "Koyu"},
    "light": {"en": "Light", "tr": "Açık"},
    "find": {"en": "Find in the archive", "tr": "Arşivde bul"},
    "find_hint": {"en": "File name or design", "tr": "Dosya veya desen adı"},
    "image": {"en": "{n} image", "tr": "{n} görsel"},
    "images": {"en": "{n} images", "tr": "{n} görsel"},
    "one_design": {"en": "{n} design", "tr": "{n} desen"},
    "n_designs": {"en": "{n} designs", "tr": "{n} desen"},
    "images_found": {"en": "{n} of {images}", "tr": "{images}den {n} tanesi"},
    "designs_found": {"en": "{designs} of {images}", "tr": "{images}den {designs}"},
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
    "no_hit": {"en": "None of {images}", "tr": "{images}den hiçbiri"},
    "recall": {"en": "{caption}; finds {percent} of the true answer", "tr": "{caption}; gerçek yanıtın {percent} kadarını bulur"},
    "no_hits": {"en": "No image passes these filters. Take one away.", "tr": "Bu filtrelerden geçen görsel yok. Birini kaldırın."},
    "failed": {"en": "There is no answer to this.", "tr": "Buna yanıt verilemedi."},
    "model": {"en": "Compare by", "tr": "Karşılaştırma"},
    "color": {"en": "Color", "tr": "Renk"},
    "pattern": {"en": "Pattern", "tr": "Motif"},
    "color+pattern": {"en": "Color and pattern", "tr": "Renk ve motif"},
    "version": {"en": "Version", "tr": "Sürüm"},
    "current": {"en": "{version} (current)", "tr": "{version} (güncel)"},
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
    "repeat_field": {"en": "Repeat", "tr": "Rapor"},
    "repeat_straight": {"en": "Straight", "tr": "Düz"},
    "repeat_half-drop": {"en": "Half-drop", "tr": "Yarım atlamalı"},
    "repeat_brick": {"en": "Brick", "tr": "Tuğla"},
    "repeat_none": {"en": "No repeat", "tr": "Raporsuz"},
    "scale": {"en": "Scale", "tr": "Ölçek"},
    "scale_micro": {"en": "Micro", "tr": "Mikro"},
    "scale_small": {"en": "Small", "tr": "Küçük"},
    "scale_medium": {"en": "Medium", "tr": "Orta"},
    "scale_large": {"en": "Large", "tr": "Büyük"},
    "confidence": {"en": "confidence {percent}", "tr": "güven {percent}"},
    "grid": {"en": "Repeat grid", "tr": "Rapor ızgarası"},
    "clear": {"en": "Clear", "tr": "Temizle"},
    "upload": {"en": "Drop your own image here, or choose a file", "tr": "Kendi görselinizi buraya bırakın veya dosya seçin"},
    "too_large": {
        "en": "“{name}” is larger than {limit} MB. Save it smaller and try again.",
        "tr": "“{name}” {limit} MB'tan büyük. Daha küçük kaydedip yeniden deneyin.",
    },
    "preparing": {"en": "The archive is being made ready", "tr": "Arşiv hazırlanıyor"},
    "waiting": {"en": "Another process is making the sample archive.", "tr": "Örnek arşivi başka bir süreç hazırlıyor."},
    "drawing": {"en": "Drawing the sample designs: {done} of {total}.", "tr": "Örnek desenler çiziliyor: {done} / {total}."},
    "extracting": {"en": "Extracting features: {done} of {total}.", "tr": "Özellikler çıkarılıyor: {done} / {total}."},
    "opening": {"en": "Opening the archive.", "tr": "Arşiv açılıyor."},
    "ready": {"en": "Ready.", "tr": "Hazır."},
    "preparing_note": {
        "en": "This happens once. The page opens by itself.",
        "tr": "Bu yalnızca bir kez olur. Sayfa kendiliğinden açılır.",
    },
    "unprepared": {"en": "There is nothing to show yet", "tr": "Henüz gösterecek bir şey yok"},
    "archive": {"en": "Archive", "tr": "Arşiv"},
    "look_alikes": {"en": "Look-alikes", "tr": "Benzerleri"},
    "sort": {"en": "Sorted by", "tr": "Sıralama"},
    "sort_filename": {"en": "File name", "tr": "Dosya adı"},
    "sort_design": {"en": "Design", "tr": "Desen"},
    "sort_season": {"en": "Season", "tr": "Sezon"},
    "sort_quality": {"en": "Quality", "tr": "Kalite"},
    "per_design": {"en": "One per design", "tr": "Her desenden bir tane"},
    "tile": {"en": "Tile size", "tr": "Görsel boyu"},
    "colorways": {"en": "Other colorways", "tr": "Diğer renk varyantları"},
    "colorway": {"en": "1 other colorway", "tr": "1 renk varyantı daha"},
    "colorways_found": {"en": "{n} other colorways", "tr": "{n} renk varyantı daha"},
    "no_colorway": {"en": "No other colorway", "tr": "Başka renk varyantı yok"},
    "no_colorways": {
        "en": "This design is in the archive in these colors only. Clear “Other colorways” to see what is like it.",
        "tr": "Bu desen arşivde yalnızca bu renklerle var. Benzerlerini görmek için “Diğer renk varyantları” seçimini kaldırın.",
    },
    "min_similarity": {"en": "At least as similar as", "tr": "En az benzerlik"},
    "look": {"en": "Look closer", "tr": "Yakından bak"},
    "choose": {"en": "Choose", "tr": "Seç"},
    "chosen": {"en": "Chosen", "tr": "Seçildi"},
    "n_chosen": {"en": "{n} chosen", "tr": "{n} seçildi"},
    "not_in_link": {"en": "{chosen}, too many for the link", "tr": "{chosen}, bağlantıya sığmıyor"},
    "none_chosen": {"en": "Nothing chosen yet", "tr": "Henüz seçim yok"},
    "csv": {"en": "Save as CSV", "tr": "CSV olarak kaydet"},
    "pdf": {"en": "Contact sheet (PDF)", "tr": "Kontak baskı (PDF)"},
    "export_failed": {
        "en": "The file could not be made; the server's log says why.",
        "tr": "Dosya oluşturulamadı; nedeni sunucu günlüğünde.",
    },
    "clear_picks": {"en": "Choose none", "tr": "Seçimi kaldır"},
    "keys": {"en": "Enter similar · Space look closer · P choose · / find", "tr": "Enter benzerleri · Boşluk yakından bak · P seç · / bul"},
    "back": {"en": "Back", "tr": "Geri"},
    "end_query": {"en": "Clear", "tr": "Temizle"},
    "trail": {"en": "Looked for before", "tr": "Önceki aramalar"},
    "close": {"en": "Close", "tr": "Kapat"},
    "previous": {"en": "Previous", "tr": "Önceki"},
    "next": {"en": "Next", "tr": "Sonraki"},
    "repeat": {"en": "Repeat 3 × 3", "tr": "3 × 3 rapor"},
    "looked_for": {"en": "Looked for", "tr": "Aranan"},
    "found": {"en": "Found", "tr": "Bulunan"},
    "file_name": {"en": "File name", "tr": "Dosya adı"},
    "design": {"en": "Design", "tr": "Desen"},
    "similarity": {"en": "Similarity", "tr": "Benzerlik"},
    "none_as_similar": {"en": "No design is as similar as that. Lower the limit.", "tr": "O kadar benzer bir desen yok. Sınırı düşürün."},
    "lost": {
        "en": "The connection to the server is lost. The page comes back by itself when the server answers.",
        "tr": "Sunucuyla bağlantı koptu. Sunucu yanıt verince sayfa kendiliğinden geri gelir.",
    },
    "colors": {"en": "Colors", "tr": "Renkler"},
    "palette": {"en": "Colors to look for", "tr": "Aranan renkler"},
    "palette_nearest": {"en": "Nearest palettes", "tr": "En yakın renk paletleri"},
    "palette_all": {"en": "Showing all of these colors", "tr": "Bu renklerin hepsi görünenler"},
    "palette_any": {"en": "Showing any of these colors", "tr": "Bu renklerden biri görünenler"},
    "palette_hint": {
        "en": "Type a color, choose one, or take the colors of a design.",
        "tr": "Bir renk yazın, seçin ya da bir desenin renklerini alın.",
    },
    "hex": {"en": "Add by hex", "tr": "Hex ile ekle"},
    "add": {"en": "Add", "tr": "Ekle"},
    "add_color": {"en": "Choose a color to add", "tr": "Eklenecek rengi seçin"},
    "change_color": {"en": "Change {color}", "tr": "Değiştir: {color}"},
    "more_of": {"en": "More of {color}", "tr": "Daha çok: {color}"},
    "less_of": {"en": "Less of {color}", "tr": "Daha az: {color}"},
    "remove_color": {"en": "Remove {color}", "tr": "Kaldır: {color}"},
    "take_colors": {"en": "Take this design's colors", "tr": "Bu desenin renklerini al"},
    "eyedropper": {"en": "Pick from a picture", "tr": "Görüntüden renk al"},
    "pick_colors": {"en": "Pick colors", "tr": "Renk al"},
    "eyedropper_hint": {"en": "Click a color in a picture.", "tr": "Görüntüdeki bir renge tıklayın."},
    "search_colors": {"en": "Search with these colors", "tr": "Bu renklerle ara"},
    "colors_how": {"en": "Find", "tr": "Bulunacak"},
    "tolerance": {"en": "Tolerance", "tr": "Tolerans"},
    "no_hex": {
        "en": "“{text}” is not a color. Write it as six hex digits, such as #B83B5E.",
        "tr": "“{text}” bir renk değil. Altı onaltılık basamakla yazın, örneğin #B83B5E.",
    },
    "too_many_colors": {
        "en": "A palette has at most {n} colors. Remove one first.",
        "tr": "Bir palette en çok {n} renk olur. Önce birini kaldırın.",
    },
    "no_colors": {"en": "The colors of “{name}” could not be read. {reason}", "tr": "“{name}” renkleri okunamadı. {reason}"},
    "why": {"en": "Why", "tr": "Neden"},
    "places": {"en": "Where they match", "tr": "Benzeyen yerler"},
    "looking": {"en": "Comparing…", "tr": "Karşılaştırılıyor…"},
    "found_color": {"en": "Found mostly for its color", "tr": "Daha çok rengi için bulundu"},
    "found_pattern": {"en": "Found mostly for its pattern", "tr": "Daha çok motifi için bulundu"},
    "found_both": {"en": "Found for color and pattern", "tr": "Rengi ve motifi için bulundu"},
    "found_neither": {"en": "Little alike in color or pattern", "tr": "Rengi de motifi de pek benzemiyor"},
    "only_compared": {"en": "Compared by {model} alone", "tr": "Yalnızca {model} karşılaştırıldı"},
    "shared_color": {"en": "{n} color in common", "tr": "{n} ortak renk"},
    "shared_colors": {"en": "{n} colors in common", "tr": "{n} ortak renk"},
    "no_shared_color": {"en": "No color in common", "tr": "Ortak renk yok"},
    "picture_gone": {
        "en": "One of the two pictures is gone; colors and places need both.",
        "tr": "İki görselden biri artık yok; renkler ve yerler için ikisi de gerekir.",
    },
    "unexplained": {
        "en": "This could not be explained; the server's log says why.",
        "tr": "Bu açıklanamadı; nedeni sunucu günlüğünde.",
    },
    "search": {"en": "Search", "tr": "Arama"},
    "timings": {"en": "Timings", "tr": "Süreler"},
    "duplicates": {"en": "Duplicates", "tr": "Kopyalar"},
    "duplicates_title": {"en": "Duplicates, colorways, look-alikes", "tr": "Kopyalar, renk varyantları, benzerler"},
    "colorway_groups": {"en": "Colorways", "tr": "Renk varyantları"},
    "look_alikes_tab": {"en": "Look-alikes", "tr": "Benzerler"},
    "duplicates_are": {
        "en": "The same file or scan, in the archive more than once.",
        "tr": "Arşivde birden çok kez bulunan aynı dosya veya tarama.",
    },
    "colorways_are": {
        "en": "One design in several colors, with its duplicates.",
        "tr": "Bir desenin farklı renkleri, kopyalarıyla birlikte.",
    },
    "look_alikes_are": {
        "en": "Different designs that resemble the first of each group. The number says how much, 1 at most.",
        "tr": "Her grubun ilkine benzeyen başka desenler. Sayı ne kadar benzediğini söyler, en çok 1.",
    },
    "no_duplicates": {"en": "No file or scan is in the archive twice.", "tr": "Arşivde iki kez bulunan dosya veya tarama yok."},
    "no_colorway_groups": {"en": "No design is in the archive in other colors.", "tr": "Arşivde başka renkleri de bulunan desen yok."},
    "no_look_alikes": {"en": "No two designs are that much alike.", "tr": "Birbirine bu kadar benzeyen iki desen yok."},
    "no_groups_pass": {"en": "No group is like that. Clear a switch above.", "tr": "Buna uyan yok. Yukarıdaki bir seçimi kaldırın."},
    "across_seasons": {"en": "Across seasons", "tr": "Birden çok sezonda"},
    "two_names": {"en": "Under two design names", "tr": "İki ayrı desen adıyla"},
    "under_names": {"en": "{n} design names", "tr": "{n} ayrı desen adı"},
    "choose_all": {"en": "Choose all", "tr": "Hepsini seç"},
    "look_alikes_of": {"en": "Look-alikes of this", "tr": "Bunun benzerleri"},
    "whole_csv": {"en": "Whole table as CSV", "tr": "Tüm tablo, CSV olarak"},
    "find_duplicates": {"en": "Look for them", "tr": "Ara"},
    "find_again": {"en": "Look again", "tr": "Yeniden ara"},
    "stop": {"en": "Stop", "tr": "Durdur"},
    "never_found": {
        "en": "Nobody has looked for them yet. Every image is compared with those nearest to it: some minutes for a few thousand"
        " images, once. Afterwards only new images are compared.",
        "tr": "Henüz aranmadılar. Her görsel en yakınlarıyla karşılaştırılır: birkaç bin görsel için birkaç dakika, bir kez."
        " Sonra yalnızca yeni görseller karşılaştırılır.",
    },
    "finding_stopped": {"en": "Stopped. It goes on from here.", "tr": "Durduruldu. Kaldığı yerden sürer."},
    "finding_neighbors": {
        "en": "Finding what lies near each image: {done} of {total}",
        "tr": "Her görselin yakınları bulunuyor: {done} / {total}",
    },
    "finding_pairs": {"en": "Comparing pairs of images: {done} of {total}", "tr": "Görsel çiftleri karşılaştırılıyor: {done} / {total}"},
    "finding_stopping": {"en": "Stopping…", "tr": "Durduruluyor…"},
    "found_when": {"en": "Found {when} among {images}.", "tr": "{images} arasında bulundu: {when}."},
    "stale": {
        "en": "{n} came, changed or went since; looking again compares only those.",
        "tr": "O günden beri {n} görsel eklendi, değişti veya silindi; yeniden aramak yalnızca onları karşılaştırır.",
    },
    "unread": {"en": "{images} could not be read.", "tr": "{images} okunamadı."},
    "find_part": {"en": "Find a part", "tr": "Parça ara"},
    "change_part": {"en": "Change the part", "tr": "Parçayı değiştir"},
    "whole_design": {"en": "Whole design", "tr": "Desenin tamamı"},
    "part_hint": {
        "en": "Drag a box around a motif. With several boxes, all of them must be found.",
        "tr": "Bir motifin çevresine kutu çizin. Birden çok kutu varsa hepsi aranır.",
    },
    "most_parts": {"en": "{n} boxes are the most.", "tr": "En çok {n} kutu çizilebilir."},
    "add_box": {"en": "Add a box", "tr": "Kutu ekle"},
    "search_part": {"en": "Search for this part", "tr": "Bu parçayı ara"},
    "search_parts": {"en": "Search for these parts", "tr": "Bu parçaları ara"},
    "box": {
        "en": "Box {n}: {width} × {height} pixels, {left} from the left, {top} from the top. Arrows move it, with Shift they resize it.",
        "tr": "Kutu {n}: {width} × {height} piksel, soldan {left}, üstten {top}. Oklar taşır, Shift ile boyutlandırır.",
    },
    "remove_box": {"en": "Remove box {n}", "tr": "Kaldır: kutu {n}"},
    "part_note": {"en": "A part of it", "tr": "Bir parçası"},
    "parts_note": {"en": "{n} parts of it", "tr": "{n} parçası"},
    "part_model": {"en": "Part, in any colors", "tr": "Parça, her renkte"},
    "part_of": {
        "en": "A part of {title} is looked for, in any colors. Comparison, distance and version do not apply.",
        "tr": "{title}: bir parçası aranıyor, hangi renkte olursa olsun. Karşılaştırma, uzaklık ve sürüm burada geçerli değil.",
    },
    "parts_of": {
        "en": "All {n} parts of {title} are looked for, in any colors. Comparison, distance and version do not apply.",
        "tr": "{title}: {n} parçasının hepsi aranıyor, hangi renkte olursa olsun. Karşılaştırma, uzaklık ve sürüm burada geçerli değil.",
    },
    "part_hit": {"en": "The one of {images} that shows it best", "tr": "{images} içinde onu en iyi gösteren"},
    "part_hits": {"en": "The {n} of {images} that show it best", "tr": "{images} içinde onu en iyi gösteren {n} tanesi"},
    "part_unprepared": {
        "en": "No image of this archive is prepared for parts yet.",
        "tr": "Bu arşivin görselleri parça aramaya henüz hazırlanmadı.",
    },
    "undescribed_all": {
        "en": "To find a part, each image must first be looked at place by place. That is done once, and goes on where it was stopped.",
        "tr": "Parça aranabilmesi için her görsel önce yer yer incelenmelidir. Bu bir kez yapılır; durdurulursa kaldığı yerden sürer.",
    },
    "undescribed": {
        "en": "{images} are not prepared for parts yet, and cannot be found by one.",
        "tr": "{images} parça aramaya henüz hazırlanmadı ve bulunamaz.",
    },
    "prepare": {"en": "Prepare", "tr": "Hazırla"},
    "stopping": {"en": "Stopping. What is prepared stays.", "tr": "Durduruluyor. Hazırlananlar kalır."},
    "describing": {"en": "The images are being prepared for parts.", "tr": "Görseller parça aramaya hazırlanıyor."},
    "described": {"en": "Prepared for parts: {done} of {total} images.", "tr": "Parça aramaya hazırlanan: {done} / {total} görsel."},
    "no_images": {
        "en": "The images of this archive are not there, so this cannot be done here.",
        "tr": "Bu arşivin görselleri yerinde değil; bu nedenle burada yapılamaz.",
    },
    "read_only": {
        "en": "The archive cannot be written from here; its keeper does it with: benzer regions {folder}",
        "tr": "Arşive buradan yazılamıyor; arşivin sorumlusu şu komutla yapar: benzer regions {folder}",
    },
    "own_note": {"en": "Your own image; the link leaves it out", "tr": "Kendi görseliniz; bağlantıda yer almaz"},
    "pane_designs": {"en": "Designs", "tr": "Desenler"},
    "pane_clusters": {"en": "Clusters", "tr": "Kümeler"},
    "pane_seasons": {"en": "Seasons", "tr": "Sezonlar"},
    "pane_compare": {"en": "Compare", "tr": "Karşılaştır"},
    "atlas": {"en": "Atlas", "tr": "Atlas"},
    "colored_by": {"en": "Color by", "tr": "Renklendirme"},
    "feature": {"en": "Feature", "tr": "Özellik"},
    "by_cluster": {"en": "Clusters", "tr": "Kümeler"},
    "by_season": {"en": "Season", "tr": "Sezon"},
    "by_quality": {"en": "Quality", "tr": "Kalite"},
    "by_features": {"en": "Feature", "tr": "Özellik"},
    "by_similarity": {"en": "Similarity", "tr": "Benzerlik"},
    "by_newness": {"en": "Newness", "tr": "Yenilik"},
    "all_others": {"en": "All others", "tr": "Diğerleri"},
    "choose_first": {"en": "Click a design to see what is like it", "tr": "Benzerlerini görmek için bir desene tıklayın"},
    "laying_out": {"en": "Drawing the map", "tr": "Harita çiziliyor"},
    "laying_out_other": {"en": "Drawing the other map", "tr": "Diğer harita çiziliyor"},
    "clustering": {"en": "Finding clusters", "tr": "Kümeler bulunuyor"},
    "choosing": {"en": "Measuring numbers of clusters", "tr": "Küme sayıları ölçülüyor"},
    "comparing_seasons": {"en": "Comparing seasons", "tr": "Sezonlar karşılaştırılıyor"},
    "map_label": {"en": "Map of the archive", "tr": "Arşivin haritası"},
    "map_beside": {"en": "The other map", "tr": "Diğer harita"},
    "map_move": {"en": "Move", "tr": "Gezin"},
    "map_lasso": {"en": "Lasso", "tr": "Kement"},
    "map_whole": {"en": "Whole map", "tr": "Tüm harita"},
    "map_nearer": {"en": "Nearer", "tr": "Yaklaş"},
    "map_farther": {"en": "Farther", "tr": "Uzaklaş"},
    "map_keys": {
        "en": "Arrows to the next design · Enter choose · + − nearer, farther · 0 whole map",
        "tr": "Oklar sonraki desene · Enter seç · + − yaklaş, uzaklaş · 0 tüm harita",
    },
    "map_hint": {"en": "Click to choose", "tr": "Seçmek için tıklayın"},
    "map_unsupported": {
        "en": "This browser cannot draw the map: WebGL is switched off. The lists beside it work.",
        "tr": "Bu tarayıcı haritayı çizemiyor: WebGL kapalı. Yanındaki listeler çalışır.",
    },
    "show_on_map": {"en": "Show on map", "tr": "Haritada göster"},
    "look_alikes_here": {"en": "Color by similarity", "tr": "Benzerliğe göre renklendir"},
    "find_look_alikes": {"en": "Find look-alikes", "tr": "Benzerlerini bul"},
    "remove_card": {"en": "Remove", "tr": "Kaldır"},
    "choose_design": {"en": "Choose on the map", "tr": "Haritada seç"},
    "designs_beside": {"en": "Designs picked out", "tr": "Seçilen desenler"},
    "atlas_keys": {"en": "Enter choose on the map", "tr": "Enter haritada seç"},
    "nothing_chosen": {"en": "No design is both. Take a card away.", "tr": "Bu koşulların hepsine uyan desen yok. Birini kaldırın."},
    "outlined": {"en": "Lasso", "tr": "Kement"},
    "of_images": {"en": "{n} of {images}", "tr": "{images}den {n} tanesi"},
    "designs_of": {"en": "Designs", "tr": "Desen"},
    "alike": {"en": "Alike on average", "tr": "Ortalama benzerlik"},
    "trustworthiness": {"en": "Trust in the map", "tr": "Haritanın güveni"},
    "cluster_number": {"en": "Cluster {n}", "tr": "Küme {n}"},
    "n_clusters": {"en": "Number of clusters", "tr": "Küme sayısı"},
    "cluster_again": {"en": "Cluster again", "tr": "Yeniden kümele"},
    "cluster_auto": {"en": "Choose for me", "tr": "Benim için seç"},
    "k_clusters": {"en": "{k} clusters", "tr": "{k} küme"},
    "k_measured": {"en": "{k} clusters: {value}", "tr": "{k} küme: {value}"},
    "measure_silhouette": {"en": "Silhouette: how apart clusters are", "tr": "Siluet: kümeler ne kadar ayrı"},
    "measure_stability": {"en": "Stability: the same again among other designs", "tr": "Kararlılık: başka desenlerle yine aynı mı"},
    "measure_davies_bouldin": {"en": "Davies-Bouldin: overlap, less is better", "tr": "Davies-Bouldin: örtüşme, az olan iyi"},
    "measure_calinski_harabasz": {"en": "Calinski-Harabasz: between over within", "tr": "Calinski-Harabasz: aralar / içler"},
    "season_shares": {"en": "What part of each season each cluster takes", "tr": "Her sezonun ne kadarı hangi kümede"},
    "share_of": {
        "en": "{share} of {season} is {cluster}: {images}",
        "tr": "{season} sezonunun {share} kadarı {cluster}: {images}",
    },
    "white_space": {"en": "Earlier seasons had designs here", "tr": "Önceki sezonlarda burada desen vardı"},
    "white_clusters": {
        "en": "{season} has nothing in {clusters}, which earlier seasons used.",
        "tr": "{season}, önceki sezonların kullandığı şu kümelerde desen içermiyor: {clusters}.",
    },
    "white_squares": {
        "en": "White space: {n} places of the map, framed, where earlier seasons had designs and {season} has none.",
        "tr": "Boş alan: haritada çerçevelenen {n} yerde önceki sezonların desenleri var, {season} sezonunun yok.",
    },
    "no_white": {
        "en": "{season} has designs wherever earlier seasons had some.",
        "tr": "{season}, önceki sezonların desen verdiği her yerde var.",
    },
    "earlier_here": {"en": "White space: {images} of earlier seasons", "tr": "Boş alan: önceki sezonlardan {images}"},
    "no_seasons": {"en": "Nothing is known of seasons in this archive.", "tr": "Bu arşivde sezon bilgisi yok."},
    "show_newest": {"en": "Newest designs of this season", "tr": "Bu sezonun en yeni desenleri"},
    "compared_with": {"en": "Beside", "tr": "Yanında"},
}


class Words:
    """The catalog in one language.

    Parameters
    ----------
    language : {'en', 'tr'}
        Which one.
    """

    texts = WORDS

    def __init__(self, language: str) -> None:
        self.language = one_of(language, LANGUAGES, caller="Words", name="language")

    def __call__(self, key: str, **values: object) -> str:
        """Return a text, with whole numbers grouped as the language does."""
        shown = {name: self.number(value) if isinstance(value, int) else value for name, value in values.items()}
        return self.texts[key][self.language].format(**shown)

    def images(self, n: int) -> str:
        """Return how many images: 1 image, 2 images."""
        return self("image" if n == 1 else "images", n=n)

    def designs(self, n: int) -> str:
        """Return how many designs: 1 design, 2 designs."""
        return self("one_design" if n == 1 else "n_designs", n=n)

    def field(self, name: str) -> str:
        """Return what a field of the metadata is called; one of the archive's own keeps its name."""
        if name == "repeat":
            return self("repeat_field")
        return self(name) if name in ("design", "season", "quality", "features", "cluster", "scale") else name

    def value(self, value: object, field: str = "") -> str:
        """Return what a field holds as one text; nothing where it holds nothing. Values that are ours have words."""
        if isinstance(value, list):
            return ", ".join(map(self.value, value))
        if field in ("repeat", "scale") and f"{field}_{value}" in WORDS:
            return self(f"{field}_{value}")
        if isinstance(value, float):
            return self.number(value, 0 if value.is_integer() else 2)
        return "" if value is None else str(value)

    def repeat(self, found: Repeat) -> str:
        """Return all that is known of a repeat: Half-drop, 64 × 96 px, 2.1 × 3.2 cm, confidence 93%."""
        parts = [self.value(found.kind, "repeat")]
        pixels = (found.width, found.height)
        for sides, decimals, unit in ((pixels, 0, "px"), (found.cm, 1, "cm")):
            # Along stripes, where the unit is a single pixel, it has no length of its own
            lengths = [self.number(side, decimals) for side, n in zip(sides or (), pixels, strict=False) if side and n != 1]
            if lengths:
                parts.append(f"{' × '.join(lengths)} {unit}")
        return ", ".join([*parts, self("confidence", percent=self.percent(found.confidence, 0))])

    def model(self, name: str) -> str:
        """Return what a model is called; one that a user made keeps its name."""
        return self(name) if name in ("color", "pattern", "color+pattern") else name

    def number(self, value: float, decimals: int = 0) -> str:
        """Return a number as the language writes it: 1,234.5 or 1.234,5."""
        text = f"{value:,.{decimals}f}"
        return text.translate(str.maketrans(",.", ".,")) if self.language == "tr" else text

    def moment(self, when: datetime) -> str:
        """Return a day and a time as the language writes them: 23 Nov 2026, 16:47 or 23.11.2026 16:47."""
        return when.strftime("%d.%m.%Y %H:%M") if self.language == "tr" else f"{when.day} {MONTHS[when.month - 1]} {when:%Y, %H:%M}"

    def percent(self, part: float, decimals: int = 1) -> str:
        """Return a part as percent, rounded down, so that only all is 100 %: 99.3% or %99,3."""
        unit = 10**decimals
        text = self.number(math.floor(100 * unit * part) / unit, decimals)
        return f"%{text}" if self.language == "tr" else f"{text}%"

    def share(self, part: float) -> str:
        """Return a share as whole percent, so that two of them are 100 %: 59% or %59."""
        return f"%{round(100 * part)}" if self.language == "tr" else f"{round(100 * part)}%"
