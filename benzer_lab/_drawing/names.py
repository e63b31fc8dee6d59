"""What the designs of each family are called, in the order in which they are drawn."""

from benzer_lab._drawing.wovens import setts

N_TARTANS = 60

NAMES = {
    "tartan": tuple(f"{name} Ekose" for name in list(setts())[:N_TARTANS]),
    "ditsy floral": (
        "Gül Bahçesi", "Papatya", "Liberty Lane", "Nisan Yağmuru", "Kır Çiçeği", "Lavender Path", "Gelincik Tarlası", "Unutmabeni",
        "Çan Çiçeği", "Kozmos", "Mimoza", "Küçük Bahçe", "Hibiscus Lawn", "Devedikeni", "Bin Çiçek", "Kamelya",
    ),
    "houndstooth": (
        "Kazayağı", "Galata", "Puppytooth", "Pera", "Beyoğlu", "Gun Club", "Çoban Karesi", "Nişantaşı", "Şişli", "Karaköy",
        "Kırkyama Kazayağı", "Tünel",
    ),
    "ikat": (
        "Buhara", "Semerkant", "Halep Yolu", "Kutnu", "Margilan", "Antep Kutnusu", "Taşkent", "Hive", "Silk Road", "Fergana", "Kaşgar",
        "Merv", "Hisar", "Adras",
    ),
    "polka dots": (
        "Pin Dot", "Puantiye", "Madalyon", "Halkalı Benek", "Bilye", "Düğme", "Hedef", "Konfeti", "Halftone", "Üçüz Benek", "Fırça Beneği",
        "Tutulma", "Köpük", "Yıldız Ağı",
    ),
    "bouquet": (
        "Şakayık", "Gülistan", "Anemon", "Gelincik", "Hawaii Gülü", "Kamelya Demeti", "Cosmos Garden", "Manolya", "Peony Garden",
        "Isparta Gülü", "Nar Çiçeği", "Suzani Demeti", "Tropik Bahçe", "Kiraz Çiçeği", "Yaz Demeti", "Konak Bahçesi", "Sarmaşıklı Köşk",
        "Daisy Chain",
    ),
    "kilim": (
        "Iğdır Kilim", "Uşak Kilim", "Döşemealtı", "Kula Kilim", "Sivrihisar", "Siirt Battaniyesi", "Elibelinde", "Suyolu", "Hotamış",
        "Muska", "Reyhanlı", "Seccade", "Pıtrak", "Sandıklı Taban",
    ),
    "stripes": (
        "Şile", "Bodrum Stripe", "Marinière", "Regatta", "Ticking", "Barkod", "Günbatımı Çizgi", "Çeşme", "Kordon", "Merdiven", "Bayadère",
        "Pinstripe Bias", "Şezlong", "Hare",
    ),
    "leaves": (
        "Çınar", "Eğreltiotu", "Zeytin Dalı", "Monstera", "Ginkgo", "Palmiye", "Meşe", "Okaliptüs", "Salkım Söğüt", "Duvar Sarmaşığı",
        "Sarmaşık", "Olive Row", "Defne Yolu", "Icho", "Muz Yaprağı", "Defne Çelengi", "Sonbahar", "Asma Filizi",
    ),
    "ogee": (
        "Kemha", "Seraser", "Küçük Kemha", "Topkapı", "Harem", "Nar Kemhası", "Lâleli Kafes", "Soğan Kubbe", "Karanfilli Kafes",
        "Yıldız Sarayı", "Ogee Mini", "Dolmabahçe",
    ),
    "herringbone": (
        "Balıksırtı", "Ağrı", "Chester", "Kaşmir Yolu", "Donegal", "Uludağ", "Ilgaz", "Broken Twill", "Palandöken", "Donegal Fancy",
        "Kaçkar", "Erciyes Battaniye",
    ),
    "watercolor": (
        "Suluboya", "Sis", "Boğaz", "Monsoon", "Bulut", "Yağmur Perdesi", "Çakıl Taşı", "Batik Halka", "Ufuk", "Islak Petal", "Paint Box",
        "Ebru",
    ),
    "paisley": (
        "Şal", "Kashmir", "Lahur", "Buta", "Bandana", "Acem Şalı", "Badem Buta", "Yaprak Şal", "Tiflis", "Keşmir Gecesi", "Küçük Şal",
        "Gülbezek", "Lahor Bahçesi", "Pul Buta", "Bahar Şalı", "Hindistan Yolu",
    ),
    "gingham": (
        "Pazen", "Buffalo", "Tattersall", "Ünye", "Picnic", "Madras", "Pencere", "Köy Kahvesi", "Kareli Defter", "Dereceli Kare",
        "Çift Pencere", "Chennai",
    ),
    "tulip": (
        "Lâle", "Karanfil", "Lâle Devri", "İznik", "Küçük Lâle", "Edirne Gülü", "Nar Bahçesi", "Karanfil Yolu", "Saray Lâlesi", "Sümbül",
        "Rüstem Paşa", "Haliç Çinisi", "Has Bahçe", "Bahariye",
    ),
    "geometric": (
        "Yelpaze", "Escher", "Halka", "Harlequin", "Petek", "Bauhaus", "Labirent", "Meander", "Seigaiha", "Kemer Altı", "Fırıldak", "Parke",
        "Kafes", "Zikzak", "Vasarely", "Artı", "Tohum", "Gün Doğumu", "Üçgen Oyunu", "Hasır", "Kapsül",
    ),
    "camouflage": (
        "Woodland", "Kaplan Kamuflaj", "Fırça Kamuflaj", "Keşif", "Piksel", "Flecktarn", "Kırık Cam", "Çöl Kamuflaj", "Sayısal Orman",
        "Kertenkele",
    ),
    "foulard": (
        "Yonca", "Madison", "Baklava", "Eton", "Kravat", "Fleur-de-lis", "Karo Çiçek", "Ginkgo Tie", "Arı", "Nal", "Kozalak", "Dört Yaprak",
        "Damla", "Çapa", "Kar Tanesi", "Kutup Yıldızı", "Alyans", "Palamut",
    ),
    "meadow": (
        "Yayla", "Çayır", "Hıdırellez", "Wild Carrot", "Bahar", "Kır Yolu", "Çan Çayırı", "Gelincik Yolu", "Osmanlı Bahçesi", "Ayder",
        "Orman Kıyısı", "Mimoza Yolu", "Manolya Korusu", "Papatya Falı",
    ),
    "glen check": (
        "Galler Prensi", "Glen Urquhart", "Sokak", "Windsor", "Moda", "Savile Row", "Bağdat Caddesi", "Cadogan", "Levent", "Mayfair",
        "Mini Glen", "Teşvikiye",
    ),
    "cintamani": (
        "Çintemani", "Üç Benek", "Kaftan", "Pars Beneği", "Şehzade", "Kaplan Postu", "Üç Ay", "Tek Benek", "Sultan Kaftanı", "Çin Bulutu",
    ),
    "flame stitch": (
        "Alev", "Bargello", "Zikzak Tığ", "Gökkuşağı", "Firenze", "Midye", "Basamak", "Volkan", "Dalga Tığ", "Çift Doruk", "Yangın", "Burç",
        "Kurdele",
    ),
    "animal": (
        "Leopar", "Zebra", "Çita", "Vaşak", "Safari", "Kaplan", "Zürafa", "Piton", "Timsah", "Alaca İnek", "Oselo", "Bağa", "Tavus",
        "Balık Pulu",
    ),
    "star tile": (
        "Selçuk Yıldızı", "Kubadabad", "Alâeddin", "Mozaik", "Sultanhanı", "Sekizgen", "On İki Kollu", "Gevher Nesibe", "Karatay",
        "Divriği", "Küçük Çini", "Kütahya", "Baklava Çini", "Gök Medrese",
    ),
    "batik": (
        "Kawung", "Kawung Picis", "Kawung Sen", "Kawung Beton", "Parang", "Parang Klitik", "Parang Barong", "Parang Curiga", "Truntum",
        "Ceplok", "Mega Mendung", "Udan Liris", "Sido Mukti", "Tambal",
    ),
    "damask": (
        "Damasko", "Karanfilli Damasko", "Venedik", "Lâleli Damasko", "Şamdan", "Lyon", "Floransa", "Küçük Damasko", "Beylerbeyi",
        "Çırağan", "Şam Kumaşı", "Palazzo",
    ),
    "toile": (
        "Galata Kulesi", "Göreme", "Kanlıca", "Belgrad Ormanı", "Yelkenli", "Bülbül", "Alaçatı", "Emirgân", "Haliç", "Ceylan", "Kapadokya",
        "Amasya Evleri",
    ),
    "memphis": (
        "Memphis", "Sottsass", "Üçgenler", "Kıvrım", "Milano 81", "Jest", "Lunapark", "Arcade", "Fasulye", "Seksenler", "Terrazzo", "Parti",
    ),
    "brush": (
        "Kısa Fırça", "Jest Fırça", "Enso", "Hilâl", "Çarpı", "Karalama", "Dokunuş", "Şimşek", "Tahta", "Painted Plaid", "Deniz Fırçası",
        "Başak", "Tarak", "Hattat",
    ),
    "jacquard diamond": (
        "Elmas", "Baklava Jakar", "Kafes Jakar", "Dörtlü Elmas", "Argyle Jakar", "Piramit", "İnce Kafes", "Çizgili Elmas", "Örgü", "Kutup",
        "Saray Jakarı", "Mühür",
    ),
    "birdseye": (
        "Kuşgözü", "Nailhead", "Hopsack", "Sharkskin", "Arpa", "Pinstripe", "Karga Ayağı", "Tebeşir Çizgi", "Sepet", "Çapraz Dimi",
    ),
    "seersucker": (
        "Gofre", "Büzgü", "Riviera", "Gofre Kare", "Kalamış", "Plaj", "Pencere Gofre", "New Orleans", "Datça", "Gümüşlük",
    ),
}  # fmt: skip
