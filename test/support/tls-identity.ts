/** A certificate for `localhost` and 127.0.0.1 that nobody should trust, and its key: both are public. Valid for a hundred years. */
export const tlsIdentity: { readonly key: string; readonly cert: string } = {
  key:
    "-----BEGIN PRIVATE KEY-----\n" +
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgsNpIeCwtPleFF03J\n" +
    "CmqcmzOuC8vsANcH0ehkIgDeEsehRANCAATuh26Q/v7rm3I0ncQwieAvjIlx8kD5\n" +
    "ZFEjd/Vml73ee7Y8qU+ST68845no1oc2uQX0LLipp15BYg/J+d1a7fbR\n" +
    "-----END PRIVATE KEY-----\n",
  cert:
    "-----BEGIN CERTIFICATE-----\n" +
    "MIIBnDCCAUGgAwIBAgIUP9riKJOHlLTcEq7AHdGLJSHczYIwCgYIKoZIzj0EAwIw\n" +
    "FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNDExMzU0MFoYDzIxMjYxMDMx\n" +
    "MTEzNTQwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO\n" +
    "PQMBBwNCAATuh26Q/v7rm3I0ncQwieAvjIlx8kD5ZFEjd/Vml73ee7Y8qU+ST688\n" +
    "45no1oc2uQX0LLipp15BYg/J+d1a7fbRo28wbTAdBgNVHQ4EFgQUHq6I2+/QuzfQ\n" +
    "tU0mATRYKxfn3fQwHwYDVR0jBBgwFoAUHq6I2+/QuzfQtU0mATRYKxfn3fQwDwYD\n" +
    "VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI\n" +
    "zj0EAwIDSQAwRgIhAOH88fnkugaG0Z2ir4dlJxmwUTQolqnMeEy/2BnII87yAiEA\n" +
    "gt9SgXeIbj9U0DjDxzawAx9YfQNMotZHzoQubOYdeOE=\n" +
    "-----END CERTIFICATE-----\n",
};
